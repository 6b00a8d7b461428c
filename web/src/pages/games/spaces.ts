import type { Shown } from '@/api/client';

export type Space = Shown<'SeatSpaces'>['action'];

/** A space in parts that a person reads: one line of words, or named parts of such lines. */
export type Told =
  | { kind: 'line'; text: Line }
  | { kind: 'code'; code: string }
  | { kind: 'parts'; named: boolean; parts: [string, Told][] };

/** A text of games.json (`spaces.<key>`) and what stands in it. */
export interface Line {
  key: 'range' | 'array' | 'arrayOf' | 'bits' | 'text';
  values: { [name: string]: string };
}

const INFINITE = '∞';

export function told(space: Space): Told {
  switch (space.kind) {
    case 'discrete': {
      const start = space.start ?? 0;
      return line('range', { low: String(start), high: String(start + space.n - 1), count: String(space.n) });
    }
    case 'box':
      return line('array', { shape: shaped(space.shape), dtype: space.dtype, ...bounds(space.low, space.high) });
    case 'multi_discrete':
      return line('arrayOf', { shape: shaped(space.shape), counts: few(space.n.map(String)) });
    case 'multi_binary':
      return line('bits', { shape: shaped(space.shape) });
    case 'text':
      return line('text', { min: String(space.min), max: String(space.max) });
    case 'tuple':
      return { kind: 'parts', named: false, parts: space.parts.map((part, at) => [String(at), told(part)]) };
    case 'dict':
      return {
        kind: 'parts',
        named: true,
        parts: Object.entries(space.parts).map(([name, part]) => [name, told(part)]),
      };
    case 'other':
      return { kind: 'code', code: space.text ?? '' };
  }
}

const line = (key: Line['key'], values: Line['values']): Told => ({ kind: 'line', text: { key, values } });

const shaped = (shape: number[]) => (shape.length > 0 ? shape.join(' × ') : '1');

const SHOWN = 4;
const few = (words: string[]) => (words.length > SHOWN ? `${words.slice(0, SHOWN).join(', ')}, …` : words.join(', '));

type Bound = number | (number | null)[] | null;

/** The widest of many bounds; null is none at all. */
function bounds(low: Bound, high: Bound): { low: string; high: string } {
  const lows = Array.isArray(low) ? low : [low];
  const highs = Array.isArray(high) ? high : [high];
  return {
    low: lows.includes(null) ? `−${INFINITE}` : written(Math.min(...(lows as number[]))),
    high: highs.includes(null) ? INFINITE : written(Math.max(...(highs as number[]))),
  };
}

const written = (value: number) =>
  (Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(1)
    : String(Math.round(value * 1000) / 1000)
  ).replace('-', '−');
