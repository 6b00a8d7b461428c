import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { number } from '@/parts/format';
import { ButtonLink } from '@/parts/links';
import type { Over } from '../seat/messages';
import { sitting } from '../seat/sitting';
import type { SeatState } from '../seat/state';

/** How it ended, and what next. */
export function Ending({ seat, match }: { seat: SeatState; match: Shown<'Match'> | undefined }) {
  const { t } = useTranslation('play');
  const { over, wish, problem } = seat;
  const seats = over?.scores.length ?? match?.seats.length ?? 1;
  const again = () => wish && void sitting.want({ ...wish, seat: (wish.seat + 1) % seats });
  return (
    <Paper withBorder p="md" component="section" aria-label={t('result')}>
      <Stack gap="sm">
        <div role="status">
          <Title order={2} size="h3">
            {over ? t(`ending.${endingOf(over)}`, { place: over.placement }) : t('ending.voided')}
          </Title>
          <Text size="sm" c="dimmed">
            {over
              ? t('score', { score: over.scores.map((score) => number(score, digits(score))).join(' : ') })
              : problem?.message}
          </Text>
          {over?.cause === 'forfeit' && (
            <Text size="sm" c="dimmed">
              {over.faults?.length ? over.faults.join(' ') : t('forfeited')}
            </Text>
          )}
        </div>
        <Group gap="xs">
          <Button onClick={again} leftSection={<IconRefresh size={16} aria-hidden />} data-autofocus>
            {t(seats > 1 ? 'againOther' : 'again')}
          </Button>
          {seat.match && (
            <ButtonLink
              to="/matches/$match"
              params={{ match: seat.match }}
              variant="default"
              leftSection={<IconPlayerPlay size={16} aria-hidden />}
            >
              {t('replay')}
            </ButtonLink>
          )}
          <Button variant="subtle" onClick={() => void sitting.leave()}>
            {t('other')}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}

const digits = (score: number) => (Number.isInteger(score) ? 0 : 2);

/** In the words of who played. */
function endingOf({ seat, placement, placements }: Over): 'won' | 'lost' | 'drawn' | 'placed' | 'over' {
  const others = placements.filter((_, at) => at !== seat);
  if (others.length === 0 || others.every((one) => one === 0)) return 'over';
  if (others.every((one) => one > placement)) return 'won';
  if (others.every((one) => one === placement)) return 'drawn';
  return others.length === 1 ? 'lost' : 'placed';
}
