import { expect, test } from 'vitest';
import { clockText, leftMs } from '@/pages/matches/match/clock';
import { pagesFor } from '@/pages/matches/match/pages';
import { placeIn } from '@/pages/matches/match/place';
import { firstOf, matrixText, shapeOf } from '@/pages/matches/match/values';

test('shapes of arrays', () => {
  expect(shapeOf([1, 2, 3])).toEqual([3]);
  expect(shapeOf([[true, false]])).toEqual([1, 2]);
  expect(
    shapeOf([
      [[0], [1]],
      [[2], [3]],
    ]),
  ).toEqual([2, 2, 1]);
  for (const none of [[], [1, 'a'], [[1], [1, 2]], [[1], 1], 'text', 3, null, { a: 1 }])
    expect(shapeOf(none)).toBeNull();
});

test('numbers of an array', () => {
  expect(
    firstOf(
      [
        [1, 2],
        [3, 4],
      ],
      3,
    ),
  ).toEqual([1, 2, 3]);
  expect(
    matrixText([
      [1, 10],
      [0.123456, -1],
    ]),
  ).toBe('     1     10\n0.1235     -1');
});

test('clocks', () => {
  expect([0, 9_340, 19_999, 20_000, 249_000, 3_849_000].map(clockText)).toEqual([
    '0:00.0',
    '0:09.3',
    '0:19.9',
    '0:20',
    '4:09',
    '1:04:09',
  ]);
  expect(leftMs({ move_ms: 10_000, bank_ms: 60_000, increment_ms: 0 }, 4_000, 1_000)).toBe(3_000);
  expect(leftMs({ move_ms: 10_000, bank_ms: 0, increment_ms: 0 }, 0, 12_000)).toBe(0);
  expect(leftMs({ move_ms: 0, bank_ms: 0, increment_ms: 0 }, 0, 1)).toBeNull();
});

test('pages of positions: its own, and the nearer neighbour', () => {
  expect(pagesFor(0, 10)).toEqual([0]);
  expect(pagesFor(30, 40)).toEqual([0]);
  expect(pagesFor(30, 120)).toEqual([0, 1]);
  expect(pagesFor(60, 120)).toEqual([1, 0]);
});

test('the address of a place', () => {
  expect(placeIn({ ply: '12', tab: 'talk', more: 1 })).toEqual({ ply: 12, tab: 'talk' });
  expect(placeIn({ ply: -1, tab: 'nothing' })).toEqual({});
  expect(placeIn({ ply: 'x' })).toEqual({});
});
