// From legal actions and where they are pressed to what can be pressed next.

import type { Shown } from '@/api/client';
import type { Board, Cell, Grid } from '@/boards';

export type Choice = Omit<Shown<'Choice'>, 'cells'> & { cells?: readonly Cell[] };

const same = (a: Cell | undefined, b: Cell | undefined) => a?.[0] === b?.[0] && a?.[1] === b?.[1];
const begins = (choice: Choice, path: readonly Cell[]) => path.every((cell, at) => same(choice.cells?.[at], cell));

/** Every cell once that comes next behind a path. */
export function nextCells(choices: readonly Choice[], path: readonly Cell[]): Cell[] {
  const found = new Map<string, Cell>();
  for (const choice of choices) {
    const next = choice.cells?.[path.length];
    if (next && begins(choice, path)) found.set(String(next), next);
  }
  return [...found.values()];
}

/** path: what is pressed so far. done: the actions that it means; several differ in nothing that is on the board. */
export interface Pressed {
  path: Cell[];
  done: Choice[];
}

/** After one more press. A cell that leads nowhere begins anew, and the last one pressed again takes it back. */
export function pressed(choices: readonly Choice[], path: readonly Cell[], cell: Cell): Pressed {
  const on = [...path, cell];
  if (!leads(choices, on)) {
    if (same(path.at(-1), cell)) return { path: path.slice(0, -1), done: [] };
    return path.length > 0 && leads(choices, [cell]) ? pressed(choices, [], cell) : { path: [...path], done: [] };
  }
  if (nextCells(choices, on).length > 0) return { path: on, done: [] };
  return { path: on, done: choices.filter((choice) => choice.cells?.length === on.length && begins(choice, on)) };
}

const leads = (choices: readonly Choice[], path: readonly Cell[]) =>
  choices.some((choice) => (choice.cells?.length ?? 0) >= path.length && begins(choice, path));

/** The first grid, which is the one that is pressed. */
export const gridOf = (board: Board): Grid | undefined =>
  board.parts.find((part) => part.part === 'grid') as Grid | undefined;

/** Whether stones fall: on every column there is at most one place, on top of what lies there already. */
export function falls(grid: Grid, choices: readonly Choice[]): boolean {
  const { cells } = grid;
  if ((grid.kind ?? 'squares') !== 'squares' || choices.some((choice) => choice.cells?.length !== 1)) return false;
  const lying = cells.every((row, y) => row.every((mark, x) => !mark || y === cells.length - 1 || cells[y + 1]?.[x]));
  const open = (cells[0] ?? []).flatMap((mark, x) => (mark ? [] : [x]));
  const columns = choices.map((choice) => choice.cells?.[0]?.[1]);
  const onTop = choices.every(
    ({ cells: [at] = [] }) => at && (at[0] === cells.length - 1 || cells[at[0] + 1]?.[at[1]]),
  );
  return lying && onTop && columns.length === open.length && open.every((x) => columns.includes(x));
}

/** The choice of a column, by any of its empty cells. */
export const inColumn = (choices: readonly Choice[], column: number): Choice | undefined =>
  choices.find((choice) => choice.cells?.[0]?.[1] === column);

/** The empty cells of a board. */
export const emptyCells = (grid: Grid): Cell[] =>
  grid.cells.flatMap((row, y) => row.flatMap((mark, x): Cell[] => (mark ? [] : [[y, x]])));

/** Actions without names: as the protocol has them. */
export function numbered(turn: { legal?: number[] | null; actions?: [number, number] | null }): Choice[] {
  const all = turn.legal ?? Array.from({ length: turn.actions?.[1] ?? 0 }, (_, at) => at + (turn.actions?.[0] ?? 0));
  return all.map((action) => ({ action, name: String(action) }));
}
