import type { Shown } from '@/api/client';

export type Request = Shown<'RequestedMatches'>;

export const isOpen = (request: Pick<Request, 'status'>) => request.status === 'queued' || request.status === 'running';

/** A stretch of a request's bar, in percent of all its matches. */
export interface Stretch {
  of: 'won' | 'drawn' | 'lost' | 'void' | 'running';
  count: number;
  percent: number;
}

/** What the bar of a request shows, from its beginning; nothing of what is still to come. */
export function stretches({ progress, count }: Pick<Request, 'progress' | 'count'>): Stretch[] {
  const running = Math.max(progress.created - progress.ended - progress.voided, 0);
  const whole = Math.max(count, progress.created, 1);
  const counts: [Stretch['of'], number][] = [
    ['won', progress.wins],
    ['drawn', progress.draws],
    ['lost', progress.losses],
    ['void', progress.voided],
    ['running', running],
  ];
  return counts
    .filter(([, matches]) => matches > 0)
    .map(([of, matches]) => ({ of, count: matches, percent: (matches / whole) * 100 }));
}

/** How much of a request is over, in whole percent. */
export const percentOver = ({ progress, count }: Pick<Request, 'progress' | 'count'>) =>
  Math.min(Math.floor(((progress.ended + progress.voided) / Math.max(count, 1)) * 100), 100);
