import { Button, Paper, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { Loading } from '@/parts/states';
import type { Choice } from '../choices';
import type { Turn } from '../seat/messages';
import { Named } from './Named';
import { Numbers } from './Numbers';
import { Words } from './Words';

interface Props {
  turn: Turn;
  choices: readonly Choice[];
  play: (action: unknown) => void;
}

/** What can be done, beside the board: actions by name, or a field for what has none. */
export function Acting({ turn, choices, play }: Props) {
  const { t } = useTranslation('play');
  const [listed, list] = useState(false);
  const placed = choices.some((choice) => choice.cells?.length);
  const bare = choices.filter((choice) => !choice.cells?.length);
  if (choices.length === 0) return <Field turn={turn} play={play} />;
  return (
    <Paper withBorder p="sm" component="section" aria-label={t('moves')}>
      {placed && (
        <Text size="sm" c="dimmed" mb="xs">
          {t('press')}
        </Text>
      )}
      {placed && !listed ? (
        <>
          {bare.length > 0 && <Named choices={bare} play={play} />}
          <Button variant="subtle" size="compact-sm" mt={bare.length > 0 ? 'xs' : 0} onClick={() => list(true)}>
            {t('byName', { count: choices.length })}
          </Button>
        </>
      ) : (
        <Named choices={choices} play={play} />
      )}
    </Paper>
  );
}

type Space = Shown<'SeatSpaces'>['action'];

/** Text, numbers, or JSON for what is neither. */
function Field({ turn, play }: Pick<Props, 'turn' | 'play'>) {
  const { data } = $api.useQuery(
    'get',
    '/api/games/{game}',
    { params: { path: { game: turn.game } } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  if (!data) return <Loading height={80} />;
  const spaces = data.info?.spaces ?? [];
  const space: Space | undefined = (spaces.length === 1 ? spaces[0] : spaces[turn.seat])?.action;
  if (space?.kind === 'box') return <Numbers space={space} play={play} />;
  return <Words most={space?.kind === 'text' ? space.max : null} play={play} />;
}
