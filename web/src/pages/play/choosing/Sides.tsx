import { Paper, SegmentedControl, Stack, Text } from '@mantine/core';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedGame } from '@/pages/games/details';
import { detailsOf } from '@/pages/games/details';

/** Which seat is one's own. -1: any. */
export function Sides({ game, seat, choose }: { game: ListedGame; seat: number; choose: (seat: number) => void }) {
  const { t } = useTranslation('play');
  const label = useId();
  if (game.seats === 1) return null;
  const turns = detailsOf(game).kind === 'aec';
  const named = (at: number) =>
    game.seats === 2 && turns ? t(at === 0 ? 'side.first' : 'side.second') : t('side.seat', { seat: at + 1 });
  const sides = Array.from({ length: game.seats }, (_, at) => ({ value: String(at), label: named(at) }));
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Text fw={600} size="sm" id={label}>
          {t('side.title')}
        </Text>
        <SegmentedControl
          fullWidth
          aria-labelledby={label}
          value={String(Math.min(seat, game.seats - 1))}
          onChange={(value) => choose(Number(value))}
          data={[...sides, { value: '-1', label: t('side.any') }]}
        />
      </Stack>
    </Paper>
  );
}
