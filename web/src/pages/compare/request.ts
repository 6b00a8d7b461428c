import type { Shown } from '@/api/client';

/** A request as it is typed. */
export interface Draft {
  game: string | null;
  agent: string | null;
  by: 'name' | 'rating';
  opponents: string[];
  low: number | string;
  high: number | string;
  count: number | string;
  rated: boolean;
}

export const COUNT_MAX = 10_000;
export const RANGE_RATED_MIN = 8;
export const OPPONENTS_MAX = 32;

/** What is wrong, by field: keys of compare.json below `wrong`. seats: of the game. */
export function wrong(draft: Draft, seats: number): Partial<Record<keyof Draft, Wrong>> {
  const found: Partial<Record<keyof Draft, Wrong>> = {};
  const count = Number(draft.count);
  if (!draft.game) found.game = 'game';
  if (!draft.agent) found.agent = 'agent';
  if (draft.count === '' || !Number.isInteger(count) || count < 1 || count > COUNT_MAX) found.count = 'count';
  if (seats < 2) return found;
  if (draft.by === 'name' && draft.opponents.length < seats - 1) found.opponents = 'opponents';
  if (draft.by === 'rating') {
    if (draft.low === '' || draft.high === '') found.high = 'range';
    else if (Number(draft.low) > Number(draft.high)) found.high = 'order';
    else if (draft.rated && Number(draft.high) - Number(draft.low) < RANGE_RATED_MIN) found.high = 'wide';
  }
  return found;
}
export type Wrong = 'game' | 'agent' | 'count' | 'opponents' | 'range' | 'order' | 'wide';

/** The same as the API takes it. Only for a draft of which nothing is wrong. */
export function bodyOf(draft: Draft, seats: number): Shown<'NewRequest'> {
  const ranged = seats > 1 && draft.by === 'rating';
  return {
    game: draft.game ?? '',
    agent: draft.agent ?? '',
    count: Number(draft.count),
    opponents: seats > 1 && !ranged ? draft.opponents : [],
    rating: ranged ? { low: Number(draft.low), high: Number(draft.high) } : null,
    rated: ranged && draft.rated,
    clock: 'game',
    seat: 0,
  };
}
