import { expect, test } from 'vitest';
import { EMPTY, fold } from '@/pages/matches/match/record';
import { nearest, rewardedOnTheWay, rewards, scores, thinking } from '@/pages/matches/match/series';
import { logged } from './logs';

const long = (plies: number, reward = (ply: number) => (ply % 2 ? 1 : 0)) =>
  fold(
    EMPTY,
    logged([
      { kind: 'created', seats: [{}, {}] },
      ...Array.from({ length: plies }, (_, ply) => ({
        ...{ kind: 'moved', ply, rewards: [reward(ply), 0] },
        moves: [{ seat: ply % 2, think_ms: ply === 777 ? 9_000 : 10 }],
      })),
    ]),
  );

test('a short match is drawn point by point', () => {
  const record = long(4);
  expect(scores(record)).toEqual([0, 0, 1, 1, 2].map((score, ply) => ({ ply, s0: score, s1: 0 })));
  expect(rewards(record).map((one) => one.s0)).toEqual([0, 1, 0, 1]);
  expect(thinking(record)).toEqual([
    { ply: 1, s0: 0.01 },
    { ply: 2, s1: 0.01 },
    { ply: 3, s0: 0.01 },
    { ply: 4, s1: 0.01 },
  ]);
});

test('of a long one the sums and the longest thoughts are kept', () => {
  const record = long(5_000);
  for (const points of [scores(record), rewards(record), thinking(record)]) expect(points.length).toBeLessThan(260);
  expect(scores(record).at(-1)).toEqual({ ply: 5_000, s0: 2_500, s1: 0 });
  expect(rewards(record).reduce((all, one) => all + (one.s0 ?? 0), 0)).toBe(2_500);
  expect(Math.max(...thinking(record).map((one) => one.s1 ?? 0))).toBe(9);
});

test('the drawn position before the one that is looked at', () => {
  const points = scores(long(5_000));
  for (const ply of [0, 1, 21, 4_999, 5_000]) expect(nearest(points, ply)).toBeLessThanOrEqual(ply);
  expect(nearest(points, 5_000)).toBe(5_000);
});

test('whether there is anything to see before the end', () => {
  expect(rewardedOnTheWay(long(4))).toBe(true);
  expect(rewardedOnTheWay(long(4, (ply) => (ply === 3 ? 1 : 0)))).toBe(false);
});
