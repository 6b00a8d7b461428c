// Who would be a good opponent.

import type { Result } from '@/parts/names';

export interface Last {
  opponents: string[];
  result: Result;
}

/** The weakest to begin with, then a stronger one after each victory and a weaker one after each defeat. */
export function goodOpponent<One extends { agent: string; mu: number }>(all: readonly One[], last: Last | null) {
  const rising = [...all].sort((a, b) => a.mu - b.mu);
  const before = rising.findIndex((one) => last?.opponents.includes(one.agent));
  const step = before < 0 ? 1 : last?.result === 'won' ? 1 : last?.result === 'lost' ? -1 : 0;
  return rising[Math.min(rising.length - 1, Math.max(0, before + step))];
}
