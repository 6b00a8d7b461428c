// When a match is over, and when the tables have its rating.

import type { Details } from './following';

const SETTLE_MS = 500; // the tables follow the log in moments
const SETTLE_TRIES = 40;
const PENDING_MS = 5_000;

export const isOver = (status: Details['status']) => status === 'ended' || status === 'voided';

/** Whether it waits for other matches of its block: they are rated together. */
export const isPending = (details: Details) =>
  details.rated && details.status === 'ended' && details.block_matches.some((other) => !isOver(other.status));

/** After how many ms to ask once more what the tables say of a match that is over, having asked so often; or not. */
export function askAgain(details: Details, asked: number): number | false {
  if (settled(details)) return false;
  return isPending(details) ? PENDING_MS : asked < SETTLE_TRIES && SETTLE_MS;
}

const settled = (details: Details) =>
  isOver(details.status) &&
  (details.status === 'voided' || !details.rated || details.seats.every((seat) => seat.mu_after !== null));
