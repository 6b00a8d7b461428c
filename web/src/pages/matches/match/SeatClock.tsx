import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { duration } from '@/parts/format';
import { clockText, leftMs } from './clock';
import { askedAt, type MatchRecord } from './record';

const TICK_MS = 100;

interface Props {
  record: MatchRecord;
  seat: number;
  bank: number;
  /** How long the seat thought about the move that led here; undefined: it made none. */
  thought: number | undefined;
  running: boolean;
}

/** What a seat has left while it thinks; else its bank, and what its move took. */
export function SeatClock({ record, bank, thought, running }: Props) {
  const { t } = useTranslation('match');
  const asked = askedAt(record);
  const elapsed = useElapsed(running ? asked : null);
  const left = running ? leftMs(record.clock, bank, elapsed) : null;
  if (running)
    return (
      <Text fw={650} ff="monospace" c="ember" role="timer" aria-label={t('clock.left')}>
        {left === null ? clockText(elapsed) : clockText(left)}
      </Text>
    );
  if (record.clock.bank_ms > 0)
    return (
      <Text fw={600} ff="monospace" aria-label={t('clock.bank')}>
        {clockText(bank)}
      </Text>
    );
  return (
    <Text size="sm" ff="monospace" c={thought === undefined ? 'dimmed' : undefined}>
      {thought === undefined ? '–' : duration(thought)}
    </Text>
  );
}

/** Milliseconds since then, while it is shown. null: it stands. */
function useElapsed(since: number | null): number {
  const [now, tick] = useState(() => Date.now());
  useEffect(() => {
    if (since === null) return;
    tick(Date.now());
    const timer = setInterval(() => tick(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [since]);
  return since === null ? 0 : Math.max(0, now - since);
}
