import { type KeyboardEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Names } from './described';
import { outline } from './GridView';
import { type Geometry, middle } from './geometry';
import classes from './grid.module.css';
import { arrowed, entrance, isArrow } from './roving';
import type { Cell, Grid, Pressing } from './types';

const keyOf = ([row, column]: Cell) => `${row} ${column}`;

/** The cells as a grid that can be pressed: one tab stop, arrow keys between them, Enter or space to press. */
export function Press({
  geometry,
  grid,
  names,
  label,
  pressing,
}: {
  geometry: Geometry;
  grid: Grid;
  names: Names;
  label: string;
  pressing: Pressing;
}) {
  const { t } = useTranslation('boards');
  const [visited, visit] = useState<Cell | null>(null);
  const around = useRef<SVGGElement>(null);
  const ways = new Set(pressing.cells.map(keyOf));
  const can = new Set([...ways, ...(pressing.also ?? []).map(keyOf)]);
  const stop = keyOf(visited ?? entrance(pressing.cells));
  const chosen = pressing.chosen && keyOf(pressing.chosen);

  const go = (cell: Cell) => {
    visit(cell);
    around.current?.querySelector<SVGElement>(`[data-cell="${keyOf(cell)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, cell: Cell) => {
    if (isArrow(event.key)) go(arrowed(geometry, cell, event.key));
    else if ((event.key === 'Enter' || event.key === ' ') && can.has(keyOf(cell))) pressing.onCell(...cell);
    else return;
    event.preventDefault();
  };

  const cellOf = (row: number, column: number, symbol: string) => {
    const key = `${row} ${column}`;
    const place = names.place(row, column);
    const piece = symbol ? names.piece(symbol) : t('empty');
    const open = can.has(key);
    const name = t('cell', { place, piece });
    const [cx, cy] = middle(geometry, row, column);
    return (
      // biome-ignore lint/a11y/useSemanticElements: there are no tables in SVG
      <g
        key={key}
        role="gridcell"
        data-cell={key}
        data-open={open || undefined}
        className={classes.cell}
        tabIndex={key === stop ? 0 : -1}
        aria-label={key === chosen ? `${name}, ${t('chosen')}` : name}
        aria-selected={key === chosen}
        aria-disabled={!open}
        onClick={open ? () => pressing.onCell(row, column) : undefined}
        onFocus={() => visit([row, column])}
        onKeyDown={(event) => onKeyDown(event, [row, column])}
      >
        <path d={outline(geometry, row, column)} />
        {chosen && ways.has(key) && (
          <circle cx={cx} cy={cy} r={symbol ? 17 : 6} data-taken={symbol ? true : undefined} />
        )}
      </g>
    );
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: there are no tables in SVG
    <g ref={around} role="grid" aria-label={label}>
      {grid.cells.map((symbols, row) => (
        // biome-ignore lint/a11y/useSemanticElements: there are no tables in SVG
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <g key={row} role="row">
          {symbols.map((symbol, column) => cellOf(row, column, symbol))}
        </g>
      ))}
    </g>
  );
}
