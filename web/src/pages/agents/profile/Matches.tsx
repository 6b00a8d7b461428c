import { Stack } from '@mantine/core';
import type { View } from '../Agent';
import { GameChoice } from './GameChoice';
import { MatchList } from './MatchList';

/** All that it played. */
export default function Matches({ profile, search, change }: View) {
  return (
    <Stack gap="sm">
      {profile.ratings.length > 1 && (
        <GameChoice profile={profile} game={search.game ?? null} change={(game) => change({ game })} all />
      )}
      <MatchList agent={profile.id} game={search.game} />
    </Stack>
  );
}
