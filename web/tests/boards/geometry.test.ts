import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CELL, cellPaths, crossings, geometryOf, middle, starPoints } from '@/boards/geometry';
import { arrowed, entrance } from '@/boards/roving';
import type { Cell, Grid } from '@/boards/types';

const grid = (rows: number, columns: number, more: Partial<Grid> = {}): Grid => ({
  part: 'grid',
  cells: Array.from({ length: rows }, () => Array.from({ length: columns }, () => '')),
  ...more,
});

const anyGrid = fc
  .record({
    rows: fc.integer({ min: 1, max: 7 }),
    columns: fc.integer({ min: 1, max: 7 }),
    kind: fc.constantFrom<Grid['kind']>('squares', 'checkered', 'points', 'hexes', 'plain'),
    lean: fc.constantFrom(0, 0.5),
    labelled: fc.boolean(),
  })
  .map(({ rows, columns, kind, lean, labelled }) =>
    grid(rows, columns, {
      kind,
      shifts: Array.from({ length: rows }, (_, row) => row * (kind === 'hexes' ? 0.5 : lean)),
      columns: labelled ? Array.from({ length: columns }, (_, column) => String(column)) : [],
      rows: labelled ? Array.from({ length: rows }, (_, row) => String(row)) : [],
    }),
  );

describe('the geometry of a board', () => {
  test('every cell is inside the drawing, and none over another', () => {
    fc.assert(
      fc.property(anyGrid, (drawn) => {
        const geometry = geometryOf(drawn);
        const middles = drawn.cells.flatMap((row, at) => row.map((_, column) => middle(geometry, at, column)));
        const inside = ([x, y]: [number, number]) =>
          Math.min(x, geometry.width - x, y, geometry.height - y) >= CELL / 2;
        expect(middles.every(inside)).toBe(true);
        const near = middles.flatMap(([x, y], at) =>
          middles.slice(at + 1).filter(([x2, y2]) => Math.hypot(x - x2, y - y2) < CELL * 0.99),
        );
        expect(near).toEqual([]);
      }),
    );
  });

  test('depends on the form, and not on what stands there', () => {
    expect(geometryOf(grid(3, 3))).toEqual(
      geometryOf({
        ...grid(3, 3),
        cells: [
          ['X', '', ''],
          ['', 'O', ''],
          ['', '', ''],
        ],
      }),
    );
  });

  test('squares of two colours alternate', () => {
    const { even, odd } = cellPaths(geometryOf(grid(8, 8, { kind: 'checkered' })));
    expect([even.split('M').length - 1, odd.split('M').length - 1]).toEqual([32, 32]);
  });

  test('a board of crossings has a line for each row and column', () => {
    expect(crossings(geometryOf(grid(10, 9, { kind: 'points' }))).split('M').length - 1).toBe(19);
  });

  test('star points are those of go', () => {
    expect(starPoints(9, 9)).toHaveLength(5);
    expect(starPoints(13, 13)).toContainEqual([3, 9]);
    expect(starPoints(19, 19)).toHaveLength(9);
    expect(starPoints(10, 9)).toEqual([]);
    expect(starPoints(6, 6)).toEqual([]);
  });
});

describe('the arrow keys', () => {
  test('always lead to a cell of the board, and back', () => {
    const back = { ArrowLeft: 'ArrowRight', ArrowRight: 'ArrowLeft' } as const;
    fc.assert(
      fc.property(anyGrid, fc.nat(), fc.nat(), (drawn, a, b) => {
        const geometry = geometryOf(drawn);
        const row = a % drawn.cells.length;
        const cell: Cell = [row, b % (drawn.cells[row]?.length ?? 1)];
        for (const key of ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'] as const) {
          const [to, at] = arrowed(geometry, cell, key);
          expect(drawn.cells[to]?.[at]).toBe('');
          if ((key === 'ArrowLeft' || key === 'ArrowRight') && at !== cell[1])
            expect(arrowed(geometry, [to, at], back[key])).toEqual(cell);
        }
      }),
    );
  });

  test('lead to the nearest cell of a row that begins elsewhere', () => {
    const leaning = geometryOf(grid(4, 4, { kind: 'hexes', shifts: [0, 1, 2, 3] }));
    expect(arrowed(leaning, [0, 2], 'ArrowDown')).toEqual([1, 1]);
    expect(arrowed(leaning, [0, 0], 'ArrowDown')).toEqual([1, 0]);
  });

  test('come in at the first cell that can be pressed', () => {
    expect(entrance([[4, 4]])).toEqual([4, 4]);
    expect(entrance([])).toEqual([0, 0]);
  });
});
