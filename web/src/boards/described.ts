import type { TFunction } from 'i18next';
import { contrast } from './colours';
import { manOf } from './men';
import type { Grid, Piece } from './types';

type Words = TFunction<'boards'>;

// What people call a colour; the nearest one is said.
const COLOURS = {
  black: [20, 20, 24],
  white: [247, 247, 242],
  grey: [130, 130, 130],
  red: [214, 69, 69],
  blue: [59, 111, 212],
  green: [58, 154, 91],
  yellow: [224, 179, 46],
  purple: [142, 91, 194],
  orange: [224, 123, 57],
  teal: [42, 163, 163],
} as const;
type Colour = keyof typeof COLOURS;

/** The name of #rrggbb. */
export function colourName(colour: string): Colour {
  const given = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!given) return colour.toLowerCase() in COLOURS ? (colour.toLowerCase() as Colour) : nearestGrey(colour);
  const parts = given.slice(1).map((part) => Number.parseInt(part, 16));
  let best: Colour = 'grey';
  let least = Number.POSITIVE_INFINITY;
  for (const [name, known] of Object.entries(COLOURS)) {
    const distance = known.reduce((sum, part, at) => sum + (part - (parts[at] ?? 0)) ** 2, 0);
    if (distance < least) [best, least] = [name as Colour, distance];
  }
  return best;
}

const nearestGrey = (colour: string): Colour => (contrast(colour, '#ffffff') > 10 ? 'black' : 'grey');

/** A piece in words: "white king", "red 3", "black". */
export function pieceName(symbol: string, piece: Piece | undefined, t: Words): string {
  if (!piece) return symbol;
  const colour = t(`colour.${colourName(piece.colour)}`);
  const man = piece.glyph ? manOf(piece.glyph) : undefined;
  if (man && piece.shape === 'glyph') return t('coloured', { colour, piece: t(`man.${man}`) });
  if (piece.glyph && piece.shape === 'glyph') return piece.glyph;
  if (man) return t('coloured', { colour, piece: t('crowned') });
  return piece.glyph ? t('coloured', { colour, piece: piece.glyph }) : colour;
}

/** A cell as the board's own labels call it (e4), or by row and column from 1. */
export function placeName(grid: Labels, row: number, column: number, t: Words): string {
  const file = grid.columns?.[column];
  const rank = grid.rows?.[row];
  if (file && rank) return `${file}${rank}`;
  return t('place', { row: rank ?? row + 1, column: file ?? column + 1 });
}

export type Labels = Pick<Grid, 'rows' | 'columns'>;

/** What a grid's cells and pieces are called. It is asked for often, and looked up once. */
export class Names {
  private readonly places = new Map<number, string>();
  private readonly men = new Map<string, string>();

  constructor(
    private readonly labels: Labels,
    private readonly pieces: Grid['pieces'],
    readonly t: Words,
  ) {}

  place(row: number, column: number): string {
    const at = row * COLUMNS_MAX + column;
    let name = this.places.get(at);
    if (name === undefined) {
      name = placeName(this.labels, row, column, this.t);
      this.places.set(at, name);
    }
    return name;
  }

  piece(symbol: string): string {
    let name = this.men.get(symbol);
    if (name === undefined) {
      name = pieceName(symbol, this.pieces?.[symbol], this.t);
      this.men.set(symbol, name);
    }
    return name;
  }
}
const COLUMNS_MAX = 4096;

/** What stands where, each kind of piece once, and what has just changed. */
export function describedGrid(grid: Grid, names: Names): string {
  const places = new Map<string, string[]>();
  grid.cells.forEach((cells, row) => {
    cells.forEach((symbol, column) => {
      if (!symbol) return;
      const name = names.piece(symbol);
      const there = places.get(name);
      if (there) there.push(names.place(row, column));
      else places.set(name, [names.place(row, column)]);
    });
  });
  const columns = Math.max(0, ...grid.cells.map((cells) => cells.length));
  const said = [names.t('size', { rows: grid.cells.length, columns })];
  for (const [name, there] of places) said.push(`${name}: ${there.join(', ')}`);
  if (grid.marked?.length) {
    const marked = grid.marked.map(([row, column]) => names.place(row, column)).join(', ');
    said.push(names.t('changed', { places: marked }));
  }
  return `${said.join('. ')}.`;
}

const FACE = /^(10|[1-9AKQJT])([♠♥♦♣])$/;

/** A card's rank and suit; null: it is something else. */
export function faceOf(card: string): { rank: string; suit: '♠' | '♥' | '♦' | '♣' } | null {
  const found = FACE.exec(card);
  return found ? { rank: found[1] ?? '', suit: found[2] as '♠' | '♥' | '♦' | '♣' } : null;
}

const SUIT = { '♠': 'spades', '♥': 'hearts', '♦': 'diamonds', '♣': 'clubs' } as const;
const RANK = { A: 'ace', K: 'king', Q: 'queen', J: 'jack' } as const;

/** A card in words. */
export function cardName(card: string, t: Words): string {
  if (card === '?') return t('hidden');
  const face = faceOf(card);
  if (!face) return card;
  const rank = face.rank in RANK ? t(`rank.${RANK[face.rank as keyof typeof RANK]}`) : face.rank;
  return t('face', { rank, suit: t(`suit.${SUIT[face.suit]}`) });
}
