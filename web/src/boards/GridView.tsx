import { memo, useId, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { describedGrid, Names } from './described';
import { Ground } from './Ground';
import { CELL, type Geometry, geometryOf, hexagon, middle } from './geometry';
import classes from './grid.module.css';
import { Man, Stones } from './Man';
import { Press } from './Press';
import type { Cell, Grid, Pressing } from './types';

const NONE: readonly Cell[] = [];

/** What a grid's geometry and names depend on: not on what stands there. */
const formOf = (grid: Grid) =>
  JSON.stringify([grid.kind, grid.cells.map((row) => row.length), grid.rows, grid.columns, grid.shifts]);

/** What of a grid stays from position to position, made anew only when it does not. */
function useForm(grid: Grid) {
  const { t } = useTranslation('boards');
  const form = formOf(grid);
  const men = JSON.stringify(grid.pieces);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the form says all that the geometry is made of
  const geometry = useMemo(() => geometryOf(grid), [form]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: as text they are compared by what is in them
  const pieces = useMemo(() => grid.pieces ?? {}, [men]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: labels are a part of the form
  const names = useMemo(() => new Names(grid, pieces, t), [form, pieces, t]);
  const colours = useMemo(() => [...new Set(Object.values(pieces).map((piece) => piece.colour))].join(' '), [pieces]);
  return { geometry, pieces, names, colours };
}

/** A board as SVG. lively: what is new on it appears softly. */
export function GridView({
  grid,
  label,
  lively,
  pressing,
}: {
  grid: Grid;
  label: string;
  lively: boolean;
  pressing?: Pressing;
}) {
  const id = useId();
  const { geometry, pieces, names, colours } = useForm(grid);
  const told = pressing ? label : `${label}. ${describedGrid(grid, names)}`;
  return (
    <svg
      className={classes.grid}
      viewBox={`0 0 ${geometry.width} ${geometry.height}`}
      data-kind={geometry.kind}
      data-lively={lively || undefined}
      style={{ '--ratio': geometry.width / geometry.height, '--cells': geometry.width / CELL } as React.CSSProperties}
      role={pressing ? 'group' : 'img'}
      aria-label={told}
    >
      <Stones id={id} colours={colours} />
      <Ground geometry={geometry} rows={grid.rows?.join('\n') ?? ''} columns={grid.columns?.join('\n') ?? ''} />
      <Marks geometry={geometry} cells={grid.marked ?? NONE} chosen={pressing?.chosen} />
      {grid.cells.map((symbols, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <Row key={row} row={row} symbols={symbols} geometry={geometry} pieces={pieces} stones={id} />
      ))}
      {geometry.kind === 'points' && <Rings geometry={geometry} grid={grid} />}
      {pressing && <Press geometry={geometry} grid={grid} names={names} label={label} pressing={pressing} />}
    </svg>
  );
}

interface Standing {
  row: number;
  symbols: readonly string[];
  geometry: Geometry;
  pieces: NonNullable<Grid['pieces']>;
  stones: string;
}

/** What stands in a row: most rows are as they were before the move. */
const Row = memo(
  function Row({ row, symbols, geometry, pieces, stones }: Standing) {
    return symbols.map((symbol, column) => {
      if (!symbol) return null;
      const [x, y] = middle(geometry, row, column);
      const piece = pieces[symbol];
      return (
        <Man
          // biome-ignore lint/suspicious/noArrayIndexKey: what stands elsewhere has just come there
          key={`${column} ${symbol}`}
          x={x}
          y={y}
          symbol={symbol}
          shape={piece?.shape}
          colour={piece?.colour}
          glyph={piece?.glyph}
          kind={geometry.kind}
          stones={stones}
        />
      );
    });
  },
  (before, after) =>
    before.geometry === after.geometry &&
    before.pieces === after.pieces &&
    before.stones === after.stones &&
    before.symbols.length === after.symbols.length &&
    before.symbols.every((symbol, column) => symbol === after.symbols[column]),
);

/** What has just changed, and what is chosen: under the men. */
const Marks = memo(function Marks({
  geometry,
  cells,
  chosen,
}: {
  geometry: Geometry;
  cells: readonly Cell[];
  chosen?: Cell | null;
}) {
  const place = ([row, column]: Cell, className: string | undefined) => (
    <path key={`${className} ${row} ${column}`} className={className} d={outline(geometry, row, column)} />
  );
  return (
    <>
      {geometry.kind !== 'points' && cells.map((cell) => place(cell, classes.marked))}
      {chosen && place(chosen, classes.chosen)}
    </>
  );
}, sameMarks);

type Marked = { geometry: Geometry; cells: readonly Cell[]; chosen?: Cell | null };

function sameMarks(before: Marked, after: Marked) {
  return (
    before.geometry === after.geometry &&
    String(before.cells) === String(after.cells) &&
    String(before.chosen) === String(after.chosen)
  );
}

/** What has just changed on a board of crossings: a ring on the stone, or a spot. */
function Rings({ geometry, grid }: { geometry: Geometry; grid: Grid }) {
  return grid.marked?.map(([row, column]) => {
    const [x, y] = middle(geometry, row, column);
    const stone = grid.cells[row]?.[column];
    return (
      <circle
        key={`${row} ${column}`}
        cx={x}
        cy={y}
        r={stone ? 7 : 4}
        className={stone ? classes.ring : classes.spot}
      />
    );
  });
}

/** A cell's edge. */
export function outline(geometry: Geometry, row: number, column: number): string {
  const [x, y] = middle(geometry, row, column);
  if (geometry.kind === 'hexes') return hexagon(x, y);
  return `M${x - CELL / 2} ${y - CELL / 2}h${CELL}v${CELL}h${-CELL}z`;
}
