import { describe, expect, it } from 'vitest';
import type { Cell, Grid } from '@/boards';
import { type Choice, emptyCells, falls, inColumn, nextCells, numbered, pressed } from '@/pages/play/choices';

const choice = (action: number, ...cells: Cell[]): Choice => ({ action, name: `${action}`, cells });
const grid = (...rows: string[]): Grid => ({
  part: 'grid',
  cells: rows.map((row) => [...row].map((mark) => (mark === '.' ? '' : mark))),
});

describe('moves from cell to cell', () => {
  const MOVES = [choice(0, [6, 4], [5, 4]), choice(1, [6, 4], [4, 4]), choice(2, [7, 1], [5, 2])];

  it('begins with a man that can move', () => {
    expect(nextCells(MOVES, [])).toEqual([
      [6, 4],
      [7, 1],
    ]);
    expect(pressed(MOVES, [], [6, 4])).toEqual({ path: [[6, 4]], done: [] });
  });

  it('is done with the last cell', () => {
    expect(pressed(MOVES, [[6, 4]], [4, 4]).done).toEqual([MOVES[1]]);
  });

  it('takes another man instead, or lets go of this one', () => {
    expect(pressed(MOVES, [[6, 4]], [7, 1])).toEqual({ path: [[7, 1]], done: [] });
    expect(pressed(MOVES, [[6, 4]], [6, 4])).toEqual({ path: [], done: [] });
    expect(pressed(MOVES, [[6, 4]], [0, 0])).toEqual({ path: [[6, 4]], done: [] });
  });

  it('leaves open what the cells do not say', () => {
    const promotions = [choice(7, [1, 0], [0, 0]), choice(8, [1, 0], [0, 0])];
    expect(pressed(promotions, [[1, 0]], [0, 0]).done).toEqual(promotions);
  });
});

it('is done with one cell where a stone is placed', () => {
  const stones = [choice(3, [0, 3]), { action: 81, name: 'pass' }];
  expect(pressed(stones, [], [0, 3]).done).toEqual([stones[0]]);
  expect(nextCells(stones, [])).toEqual([[0, 3]]);
});

describe('stones that fall', () => {
  const board = grid('...', 'x..', 'xo.');
  const drops = [choice(0, [0, 0]), choice(1, [1, 1]), choice(2, [2, 2])];

  it('are known by the board', () => {
    expect(falls(board, drops)).toBe(true);
    expect(falls(board, drops.slice(1))).toBe(false);
    expect(falls(grid('...', 'x..', '.o.'), drops)).toBe(false);
    expect(falls(grid('...', '...', '...'), [choice(0, [0, 0]), choice(1, [2, 1]), choice(2, [2, 2])])).toBe(false);
    expect(falls({ ...board, kind: 'points' }, drops)).toBe(false);
  });

  it('are dropped by any empty cell of the column', () => {
    expect(emptyCells(board)).toContainEqual([0, 2]);
    expect(inColumn(drops, 2)).toBe(drops[2]);
    expect(inColumn(drops, 9)).toBeUndefined();
  });
});

it('calls actions without names by their numbers', () => {
  expect(numbered({ legal: [2, 5] }).map((one) => one.name)).toEqual(['2', '5']);
  expect(numbered({ legal: null, actions: [1, 2] }).map((one) => one.action)).toEqual([1, 2]);
});
