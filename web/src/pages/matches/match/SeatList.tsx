import { Badge, Group, Paper, ScrollArea, Stack, Text, Tooltip } from '@mantine/core';
import { IconRobot } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { number, Rating } from '@/parts/format';
import { AgentName, Change, Outcome, resultOf } from '@/parts/names';
import type { Details } from './following';
import { decimals } from './Result';
import { banksAt, type MatchRecord, scoresAt } from './record';
import { SeatClock } from './SeatClock';
import { SeatDot } from './seats';

interface Props {
  details: Details;
  record: MatchRecord;
  ply: number;
  /** Seats whose clocks run now. */
  thinking: readonly number[];
}

const HEIGHT_MAX = 340;

/** Who sits where, how each stands at the position, and the clocks. */
export function SeatList({ details, record, ply, thinking }: Props) {
  const { t } = useTranslation('match');
  const scores = scoresAt(record, ply);
  const banks = banksAt(record, ply);
  const step = record.steps[ply - 1];
  return (
    <Paper withBorder component="section" aria-label={t('seats')}>
      <ScrollArea.Autosize mah={HEIGHT_MAX} viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': t('seats') }}>
        {details.seats.map((seat) => (
          <Group
            key={seat.seat}
            px="md"
            py={10}
            gap="sm"
            wrap="nowrap"
            justify="space-between"
            align="flex-start"
            style={{ borderTop: seat.seat > 0 ? '1px solid var(--mantine-color-default-border)' : undefined }}
          >
            <Stack gap={2} miw={0}>
              <Group gap={8} wrap="nowrap" miw={0}>
                <SeatDot seat={seat.seat} />
                <AgentName id={seat.agent} name={seat.agent_name} version={seat.version} />
                <Outcome result={resultOf(details, seat.seat)} place={seat.placement} />
              </Group>
              <Standing seat={seat} />
            </Stack>
            <Stack gap={2} align="flex-end" flex="none">
              <SeatClock
                record={record}
                seat={seat.seat}
                bank={banks[seat.seat] ?? 0}
                thought={step?.moves.find((move) => move.seat === seat.seat)?.think_ms}
                running={thinking.includes(seat.seat)}
              />
              <Text size="xs" c="dimmed" style={{ fontVariantNumeric: 'tabular-nums' }}>
                {t('score', { score: number(scores[seat.seat] ?? 0, decimals(scores[seat.seat] ?? 0)) })}
              </Text>
            </Stack>
          </Group>
        ))}
      </ScrollArea.Autosize>
    </Paper>
  );
}

/** Whose it is, its rating before and after, and what else is to be known of the seat. */
function Standing({ seat }: { seat: Details['seats'][number] }) {
  const { t } = useTranslation('match');
  return (
    <Group gap={8} pl={18} style={{ rowGap: 2 }}>
      <Text size="xs" c="dimmed" truncate maw={140}>
        {t('owner', { name: seat.owner_name ?? '–' })}
      </Text>
      {seat.mu_before !== null && (
        <Text size="xs" component="span">
          <Rating
            mu={seat.mu_after ?? seat.mu_before}
            sigma={seat.mu_after === null ? seat.sigma_before : seat.sigma_after}
          />
        </Text>
      )}
      <Tooltip label={t('ratingWas', { rating: number(seat.mu_before ?? 0, 1) })} disabled={seat.mu_after === null}>
        <span>
          <Change before={seat.mu_before} after={seat.mu_after} />
        </span>
      </Tooltip>
      {seat.team !== null && (
        <Badge size="xs" variant="default">
          {t('team', { number: seat.team + 1 })}
        </Badge>
      )}
      {seat.faults > 0 && (
        <Badge size="xs" color="red" variant="light">
          {t('faultCount', { count: seat.faults })}
        </Badge>
      )}
      {seat.takeovers > 0 && (
        <Badge size="xs" color="blue" variant="light" leftSection={<IconRobot size={10} aria-hidden />}>
          {t('takeoverCount', { count: seat.takeovers })}
        </Badge>
      )}
    </Group>
  );
}
