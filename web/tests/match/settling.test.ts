import { expect, test } from 'vitest';
import type { Details } from '@/pages/matches/match/following';
import { askAgain, isPending } from '@/pages/matches/match/settling';

type Status = Details['status'];

const ended = (others: Status[], mu_after: number | null, rated = true) =>
  ({
    status: 'ended',
    rated,
    block_matches: others.map((status, number) => ({ id: `m${number}`, status })),
    seats: [{ mu_after }, { mu_after }],
  }) as Details;

test('a match waits for its rating as long as others of its block are played', () => {
  expect(isPending(ended(['running'], null))).toBe(true);
  expect(isPending(ended(['ended', 'created'], null))).toBe(true);
  expect(isPending(ended(['ended', 'voided'], 26))).toBe(false);
  expect(isPending(ended([], null))).toBe(false);
  expect(isPending(ended(['running'], null, false))).toBe(false);
});

test('the tables are asked again until the rating is there: often at first, seldom while the block is played', () => {
  const [soon, later] = [askAgain(ended([], null), 1), askAgain(ended(['running'], null), 1_000)];
  expect(soon).toBeLessThan(later as number);
  expect(soon).toBeGreaterThan(0);
  expect(askAgain(ended(['ended'], null), 1_000)).toBe(false);
  expect(askAgain(ended(['ended'], 26), 1)).toBe(false);
  expect(askAgain(ended(['running'], null, false), 1)).toBe(false);
});
