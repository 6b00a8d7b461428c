import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { useGames } from '@/parts/names';

type Profile = Pick<Shown<'Profile'>, 'ratings'>;

/** How it stands in this game; where none is asked for, in the one that it played most. */
export function useGame(profile: Profile, game: string | undefined): Shown<'Standing'> | null {
  const most = [...profile.ratings].sort((a, b) => b.played - a.played)[0] ?? null;
  return profile.ratings.find((one) => one.game === game) ?? most;
}

interface Props {
  profile: Profile;
  /** null: all of them. */
  game: string | null;
  change: (game: string | undefined) => void;
  /** All games together may be chosen, too. */
  all?: boolean;
}

/** One of the games in which it has a rating. */
export function GameChoice({ profile, game, change, all }: Props) {
  const { t } = useTranslation('agent');
  const titled = useGames();
  const games = profile.ratings.map((one) => ({ value: one.game, label: titled(one.game)?.title ?? one.game }));
  return (
    <Select
      aria-label={t('game')}
      size="xs"
      w={210}
      data={all ? [{ value: '', label: t('allGames') }, ...games] : games}
      value={game ?? ''}
      onChange={(value) => change(value || undefined)}
      allowDeselect={false}
      searchable={games.length > 8}
    />
  );
}
