import { memo } from 'react';
import { bottom, CELL, cellPaths, crossings, type Geometry, middle, starPoints } from './geometry';
import classes from './grid.module.css';

const named = (labels: string) => (labels ? labels.split('\n') : []);

/** The empty board with its labels. rows, columns: labels, one a line. */
export const Ground = memo(function Ground({
  geometry,
  rows,
  columns,
}: {
  geometry: Geometry;
  rows: string;
  columns: string;
}) {
  return (
    <g aria-hidden>
      {geometry.kind === 'points' ? <Points geometry={geometry} /> : <Cells geometry={geometry} />}
      {named(rows).map((text, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <text key={row} x={geometry.left - 11} y={middle(geometry, row, 0)[1]} className={classes.label}>
          {text}
        </text>
      ))}
      {named(columns).map((text, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
        <text key={column} x={middle(geometry, 0, column)[0]} y={bottom(geometry) + 12} className={classes.label}>
          {text}
        </text>
      ))}
    </g>
  );
});

function Cells({ geometry }: { geometry: Geometry }) {
  const { even, odd } = cellPaths(geometry);
  return (
    <>
      <path className={classes.even} d={even} />
      {odd && <path className={classes.odd} d={odd} />}
    </>
  );
}

function Points({ geometry }: { geometry: Geometry }) {
  const rows = geometry.lengths.length;
  const width = Math.max(0, ...geometry.lengths);
  const [x, y] = middle(geometry, 0, 0);
  return (
    <>
      <rect
        className={classes.even}
        x={x - CELL / 2}
        y={y - CELL / 2}
        width={CELL * width}
        height={CELL * rows}
        rx={3}
      />
      <path className={classes.lines} d={crossings(geometry)} />
      {starPoints(rows, width).map(([row, column]) => {
        const [cx, cy] = middle(geometry, row, column);
        return <circle key={`${row} ${column}`} className={classes.star} cx={cx} cy={cy} r={3.2} />;
      })}
    </>
  );
}
