import { memo, useId, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { describedGrid } from './described';
import { Ground } from './Ground';
import { CELL, type Geometry, geometryOf, hexagon, middle } from './geometry';
import classes from './grid.module.css';
import { Man, Stones } from './Man';
import { Press } from './Press';
import type { Cell, Grid, Pressing } from './types';

const NONE: readonly Cell[] = [];

/** What a grid's geometry depends on. */
const formOf = (grid: Grid) =>
  [grid.kind, grid.cells.map((row) => row.length), grid.rows?.join('|'), grid.columns?.join('|'), grid.shifts].join(
    ';',
  );

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
  const { t } = useTranslation('boards');
  const id = useId();
  const form = formOf(grid);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the form says all that the geometry is made of
  const geometry = useMemo(() => geometryOf(grid), [form]);
  const stones = [...new Set(Object.values(grid.pieces ?? {}).map((piece) => piece.colour))].join(' ');
  const told = pressing ? label : `${label}. ${describedGrid(grid, t)}`;
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
      <Stones id={id} colours={stones} />
      <Ground geometry={geometry} rows={grid.rows?.join('\n') ?? ''} columns={grid.columns?.join('\n') ?? ''} />
      <Marks geometry={geometry} cells={grid.marked ?? NONE} chosen={pressing?.chosen} />
      {grid.cells.map((symbols, row) =>
        symbols.map((symbol, column) => {
          if (!symbol) return null;
          const [x, y] = middle(geometry, row, column);
          const piece = grid.pieces?.[symbol];
          return (
            <Man
              // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its row and column
              key={`${row} ${column} ${symbol}`}
              x={x}
              y={y}
              symbol={symbol}
              shape={piece?.shape}
              colour={piece?.colour}
              glyph={piece?.glyph}
              kind={geometry.kind}
              stones={id}
            />
          );
        }),
      )}
      {geometry.kind === 'points' && <Rings geometry={geometry} grid={grid} />}
      {pressing && <Press geometry={geometry} grid={grid} label={label} pressing={pressing} />}
    </svg>
  );
}

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
