import { type Geometry, middle } from './geometry';
import type { Cell } from './types';

export type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';
export const isArrow = (key: string): key is Arrow => /^Arrow(Up|Down|Left|Right)$/.test(key);

/** The cell that an arrow key leads to, or the same one at the edge. Between rows: the nearest by eye. */
export function arrowed(geometry: Geometry, [row, column]: Cell, arrow: Arrow): Cell {
  const length = geometry.lengths[row] ?? 0;
  if (arrow === 'ArrowLeft') return [row, Math.max(0, column - 1)];
  if (arrow === 'ArrowRight') return [row, Math.min(length - 1, column + 1)];
  const next = arrow === 'ArrowUp' ? row - 1 : row + 1;
  const there = geometry.lengths[next];
  if (!there) return [row, column];
  const [x] = middle(geometry, row, column);
  const [first] = middle(geometry, next, 0);
  const [second] = middle(geometry, next, 1);
  const nearest = Math.round((x - first) / (second - first) - 0.01);
  return [next, Math.min(there - 1, Math.max(0, nearest))];
}

/** Where the keyboard comes in: on the first cell that can be pressed, else on the first one. */
export const entrance = (cells: readonly Cell[]): Cell => cells[0] ?? [0, 0];
