import { expect, it } from 'vitest';
import { overlaid } from '@/pages/compare/curves';
import { type Duel, grouped, ofVersions, points, tallyOf, versionsOf } from '@/pages/compare/duels';

const duel = (
  seat: number,
  version: number,
  other: number,
  [ahead, level, behind]: [number, number, number],
): Duel => ({
  seat,
  version,
  opponent_seat: 1 - seat,
  opponent_version: other,
  played: ahead + level + behind,
  ahead,
  level,
  behind,
});
const duels = [duel(0, 1, 1, [3, 1, 0]), duel(1, 1, 1, [0, 0, 4]), duel(0, 2, 1, [1, 1, 0]), duel(0, 10, 2, [5, 0, 0])];

it('is put together over all, or of some versions', () => {
  expect(tallyOf(duels)).toEqual({ played: 15, ahead: 9, level: 2, behind: 4 });
  expect(points(tallyOf(duels))).toBe(10);
  expect(tallyOf(ofVersions(duels, 1, undefined))).toEqual({ played: 8, ahead: 3, level: 1, behind: 4 });
  expect(tallyOf(ofVersions(duels, 2, 2))).toEqual({ played: 0, ahead: 0, level: 0, behind: 0 });
});

it('is grouped in the order of numbers', () => {
  expect(grouped(duels, (one) => `v${one.version}`).map(([name, tally]) => [name, tally.played])).toEqual([
    ['v1', 8],
    ['v2', 2],
    ['v10', 5],
  ]);
  expect(versionsOf(duels, 'version')).toEqual([10, 2, 1]);
  expect(versionsOf(duels, 'opponent_version')).toEqual([2, 1]);
});

it('lays two ratings over each other by time', () => {
  const a = [
    { at_ms: 1, mu: 25 },
    { at_ms: 3, mu: 26 },
  ];
  const b = [
    { at_ms: 2, mu: 20 },
    { at_ms: 3, mu: 19 },
  ];
  expect(overlaid(a, b)).toEqual([
    { at: 1, a: 25 },
    { at: 2, b: 20 },
    { at: 3, a: 26, b: 19 },
  ]);
});
