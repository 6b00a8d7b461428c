import { memo } from 'react';
import { isLight, on, safeColour } from './colours';
import { CELL, hexagon } from './geometry';
import classes from './grid.module.css';
import { type Figure, figureOf, STROKES } from './men';
import type { Grid, Piece } from './types';

const stoneId = (id: string, colour: string) => `${id}${colour.replace('#', '')}`;

/** How stones of these colours are lit. colours: with spaces between. */
export const Stones = memo(function Stones({ id, colours }: { id: string; colours: string }) {
  if (!colours) return null;
  return (
    <defs>
      {colours.split(' ').map((given) => {
        const colour = safeColour(given);
        return (
          <radialGradient key={given} id={stoneId(id, colour)} cx="0.36" cy="0.3" r="0.8">
            <stop offset="0" stopColor={`color-mix(in srgb, ${colour}, white 32%)`} />
            <stop offset="0.55" stopColor={colour} />
            <stop offset="1" stopColor={`color-mix(in srgb, ${colour}, black 16%)`} />
          </radialGradient>
        );
      })}
    </defs>
  );
});

interface Standing {
  x: number;
  y: number;
  symbol: string;
  shape?: Piece['shape'];
  colour?: string;
  glyph?: string;
  kind: NonNullable<Grid['kind']>;
  stones: string; // id of the drawing's Stones
}

/** What stands on a cell. x, y: its middle. */
export const Man = memo(function Man({ x, y, symbol, shape, colour: given, glyph = '', kind, stones }: Standing) {
  if (!shape || !given) return <Letters x={x} y={y} text={symbol} />;
  const colour = safeColour(given);
  if (shape === 'fill') return <Fill x={x} y={y} colour={colour} hexes={kind === 'hexes'} />;
  if (shape === 'disc') {
    const stone = (
      <circle cx={x} cy={y} r={CELL * 0.42} fill={`url(#${stoneId(stones, colour)})`} className={classes.stone} />
    );
    return glyph ? (
      <g className={classes.man}>
        {stone}
        <OnStone x={x} y={y} glyph={glyph} colour={on(colour)} />
      </g>
    ) : (
      stone
    );
  }
  const figure = figureOf(glyph);
  if (figure) return <Drawn x={x} y={y} figure={figure} colour={colour} />;
  if (glyph in STROKES)
    return <path className={classes.pen} d={STROKES[glyph]} stroke={colour} transform={placed(x, y, 0.9)} />;
  return <Letters x={x} y={y} text={glyph} colour={colour} large />;
});

/** From a box of 100 by 100 to around a point. share: of a cell. */
const placed = (x: number, y: number, share: number) => {
  const scale = (CELL * share) / 100;
  return `translate(${x - 50 * scale} ${y - 50 * scale}) scale(${scale})`;
};

function Drawn({ x, y, figure, colour }: { x: number; y: number; figure: Figure; colour: string }) {
  const light = isLight(colour);
  return (
    <g className={classes.man} transform={placed(x, y, 0.94)} data-light={light || undefined}>
      <path className={classes.body} d={figure.body} fill={colour} />
      {figure.detail && <path className={classes.detail} d={figure.detail} />}
    </g>
  );
}

function OnStone({ x, y, glyph, colour }: { x: number; y: number; glyph: string; colour: string }) {
  const figure = figureOf(glyph);
  if (figure) return <path d={figure.body} fill={colour} transform={placed(x, y - 1, 0.56)} />;
  return (
    <text x={x} y={y} fill={colour} fontSize={glyph.length > 2 ? 12 : 19} className={classes.engraved}>
      {glyph}
    </text>
  );
}

function Fill({ x, y, colour, hexes }: { x: number; y: number; colour: string; hexes: boolean }) {
  if (hexes) return <path d={hexagon(x, y, 0.96)} fill={colour} className={classes.man} />;
  const half = CELL / 2 - 1;
  return (
    <rect x={x - half} y={y - half} width={2 * half} height={2 * half} rx={4} fill={colour} className={classes.man} />
  );
}

const LETTER_SIZES = [22, 22, 19, 15, 12, 10, 8.5];

function Letters({
  x,
  y,
  text,
  colour,
  large,
}: {
  x: number;
  y: number;
  text: string;
  colour?: string;
  large?: boolean;
}) {
  const size = large && text.length < 2 ? 29 : (LETTER_SIZES[text.length] ?? 8);
  return (
    <text x={x} y={y} fill={colour} fontSize={size} className={classes.letters}>
      {text}
    </text>
  );
}
