import type { Cell, Grid } from './types';

/** Units of a cell in all drawings. */
export const CELL = 40;
const HEX_STEP = CELL * 0.866; // from a row of hexagons to the next
const MARGIN = 4; // around the ground
const LABEL = 20; // beside it, where rows or columns have names

type Kind = NonNullable<Grid['kind']>;

/** Where everything of a grid is, in units. It depends on the grid's form alone, not on what stands there. */
export interface Geometry {
  kind: Kind;
  width: number;
  height: number;
  left: number; // of the first cell without a shift
  lengths: readonly number[]; // cells by row
  shifts: readonly number[]; // cells, by row
  step: number; // from row to row
}

export function geometryOf(grid: Grid): Geometry {
  const kind = grid.kind ?? 'squares';
  const lengths = grid.cells.map((row) => row.length);
  const shifts = grid.cells.map((_, row) => grid.shifts?.[row] ?? 0);
  const step = kind === 'hexes' ? HEX_STEP : CELL;
  const left = MARGIN + (grid.rows?.length ? LABEL : 0);
  const columns = Math.max(1, ...lengths.map((length, row) => length + (shifts[row] ?? 0)));
  const rows = Math.max(1, lengths.length);
  const below = grid.columns?.length ? LABEL : 0;
  // A hexagon is 1.155 times as high as it is wide.
  const height = kind === 'hexes' ? step * (rows - 1) + CELL * 1.155 : CELL * rows;
  return {
    kind,
    width: left + CELL * columns + MARGIN,
    height: height + 2 * MARGIN + below,
    left,
    lengths,
    shifts,
    step,
  };
}

/** The middle of a cell. */
export function middle(geometry: Geometry, row: number, column: number): [x: number, y: number] {
  const x = geometry.left + CELL * ((geometry.shifts[row] ?? 0) + column + 0.5);
  const first = MARGIN + (geometry.kind === 'hexes' ? CELL * 0.5775 : CELL / 2);
  return [x, first + geometry.step * row];
}

/** The bottom of the ground, where the columns' names begin. */
export const bottom = (geometry: Geometry) => {
  const [, y] = middle(geometry, Math.max(0, geometry.lengths.length - 1), 0);
  return y + (geometry.kind === 'hexes' ? CELL * 0.5775 : CELL / 2);
};

/** A hexagon that stands on a corner, around a point. */
export function hexagon(x: number, y: number, scale = 1): string {
  const [w, h] = [fixed((CELL / 2) * scale), fixed(CELL * 0.5775 * scale)];
  const half = fixed(h / 2);
  return `M${fixed(x)} ${fixed(y - h)}l${w} ${half}v${h}l${-w} ${half}l${-w} ${-half}v${-h}z`;
}

const fixed = (value: number) => Number(value.toFixed(2));

/** All cells, as one path each for those of even and of odd colour. */
export function cellPaths(geometry: Geometry): { even: string; odd: string } {
  const paths = { even: '', odd: '' };
  geometry.lengths.forEach((length, row) => {
    for (let column = 0; column < length; column++) {
      const [x, y] = middle(geometry, row, column);
      const path =
        geometry.kind === 'hexes'
          ? hexagon(x, y)
          : `M${fixed(x - CELL / 2)} ${fixed(y - CELL / 2)}h${CELL}v${CELL}h${-CELL}z`;
      paths[(row + column) % 2 ? 'odd' : 'even'] += path;
    }
  });
  return paths;
}

/** The lines of a board whose men stand on crossings. */
export function crossings(geometry: Geometry): string {
  const rows = geometry.lengths.length;
  const columns = Math.max(0, ...geometry.lengths);
  let path = '';
  for (let row = 0; row < rows; row++) {
    const [x, y] = middle(geometry, row, 0);
    path += `M${x} ${y}h${CELL * (columns - 1)}`;
  }
  for (let column = 0; column < columns; column++) {
    const [x, y] = middle(geometry, 0, column);
    path += `M${x} ${y}v${CELL * (rows - 1)}`;
  }
  return path;
}

/** Go's star points: the middle, the corners' and on large boards the sides'. None on other boards. */
export function starPoints(rows: number, columns: number): Cell[] {
  if (rows !== columns || rows < 9 || rows % 2 === 0) return [];
  const edge = rows < 13 ? 2 : 3;
  const centre = (rows - 1) / 2;
  const lines = [edge, centre, rows - 1 - edge];
  const all = lines.flatMap((row) => lines.map((column): Cell => [row, column]));
  return rows > 13 ? all : all.filter(([row, column]) => (row === centre) === (column === centre));
}
