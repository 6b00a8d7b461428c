import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';

type Listed = Pick<Shown<'ListedAgent'>, 'paused' | 'suspended' | 'presence' | 'quarantine'>;
export type Doing = 'playing' | 'waiting' | 'idle' | 'absent' | 'paused' | 'suspended' | 'unknown';

/** What an agent is doing, or what keeps it from doing anything. */
export function doing({ paused, suspended, presence }: Listed): Doing {
  if (suspended) return 'suspended';
  if (presence?.doing === 'playing') return 'playing';
  if (paused) return 'paused';
  return presence?.doing ?? 'unknown';
}

const COLOUR = {
  playing: 'ember',
  waiting: 'blue',
  idle: 'gray',
  absent: 'gray',
  paused: 'yellow',
  suspended: 'red',
  unknown: 'gray',
} as const;

/** The same as a badge. */
export function DoingBadge({ agent }: { agent: Listed }) {
  const { t } = useTranslation();
  const now = doing(agent);
  return (
    <Badge color={COLOUR[now]} variant={now === 'playing' ? 'filled' : 'light'}>
      {t(`doing.${now}`)}
    </Badge>
  );
}
