import { Badge, Group, Paper, Stack, Text } from '@mantine/core';
import { IconUser } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { clockText } from '@/pages/matches/match/clock';
import { AgentName } from '@/parts/names';
import type { SeatState } from '../seat/state';

/** Who sits where, whose turn it is, and how long the person has. */
export function Seats({ seat, match }: { seat: SeatState; match: Shown<'Match'> | undefined }) {
  const { t } = useTranslation('play');
  const acting = seat.turn !== null && !seat.answered;
  return (
    <Paper withBorder p="sm">
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap">
          <Text fw={650} role="status">
            {t(acting ? 'yours' : 'theirs')}
          </Text>
          {acting && <Countdown deadline={seat.deadline} />}
        </Group>
        {match?.seats.map((one) => {
          const me = one.agent === seat.agent;
          return (
            <Group key={one.seat} gap="xs" wrap="nowrap" justify="space-between">
              <Group gap={8} wrap="nowrap" miw={0}>
                <Text span size="xs" c="dimmed">
                  {t('side.seat', { seat: one.seat + 1 })}
                </Text>
                {me ? (
                  <Group gap={4} wrap="nowrap">
                    <IconUser size={16} aria-hidden />
                    <Text size="sm" fw={600}>
                      {t('you')}
                    </Text>
                  </Group>
                ) : (
                  <Text size="sm" component="div" miw={0}>
                    <AgentName id={one.agent} name={one.agent_name} />
                  </Text>
                )}
              </Group>
              {(me ? acting : match.seats.length === 2 && !acting) && (
                <Badge size="sm" variant={me ? 'filled' : 'light'} color="ember">
                  {t('toMove')}
                </Badge>
              )}
            </Group>
          );
        })}
      </Stack>
    </Paper>
  );
}

const TICK_MS = 250;

/** Counts down to a moment of performance.now(). */
function Countdown({ deadline }: { deadline: number }) {
  const { t } = useTranslation('play');
  const [now, tick] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => tick(performance.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, deadline - now);
  return (
    <Text fw={650} ff="monospace" c={left < 60_000 ? 'red' : undefined} role="timer" aria-label={t('left')}>
      {clockText(left)}
    </Text>
  );
}
