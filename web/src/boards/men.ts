/** Figures drawn by us, since fonts differ and some show them as emoji. In a box of 100 by 100. */
export interface Figure {
  body: string;
  detail?: string; // lines on the body
}

const KING: Figure = {
  body:
    'M47 7h6v6h6v6h-6v6.5c2.2 1.7 3.2 4.4 3 7.5' +
    'C61.6 27.5 69 26 76 29.5 86 34.5 86 46.5 80 54.5 77 58.5 74 61 73 64V85H27V64' +
    'C26 61 23 58.5 20 54.5 14 46.5 14 34.5 24 29.5 31 26 38.4 27.5 44 33c-.2-3.1.8-5.8 3-7.5V19h-6v-6h6z',
  detail: 'M50 57V39.5M27.5 65C42 59 58 59 72.5 65M27.5 75C42 69.5 58 69.5 72.5 75',
};
const QUEEN: Figure = {
  body:
    'M27 62 15.5 34.5a5 5 0 1 1 4.3-1.6L32 46l.6-20.8a5 5 0 1 1 4.8-.5L43.5 44 48 19.8a5 5 0 1 1 4 0' +
    'L56.5 44l6.1-19.3a5 5 0 1 1 4.8.5L68 46 80.2 32.9a5 5 0 1 1 4.3 1.6L73 62c-1.6 5-.6 8 0 12V85H27' +
    'V74c.6-4 1.6-7 0-12z',
  detail: 'M28 63.5C42 58.5 58 58.5 72 63.5M27.5 75C42 70 58 70 72.5 75',
};
const ROOK: Figure = {
  body: 'M25 16h11v7h9v-7h10v7h9v-7h11v16l-8 7v26l7 8V85H26V73l7-8V39l-8-7z',
  detail: 'M33 40h34M33 65h34M27 74h46',
};
const BISHOP: Figure = {
  body:
    'M50 8a6 6 0 0 1 4.3 10.2C63 25 69.5 36 67 47.5 65.8 53 62 57.5 60 60.5L62.5 68C64 73 69 75 76 76V85' +
    'H24V76c7-1 12-3 13.5-8L40 60.5C38 57.5 34.2 53 33 47.5 30.5 36 37 25 45.7 18.2A6 6 0 0 1 50 8z',
  detail: 'M50 31v17M42.5 39h15M39.5 61h21M37.5 69h25',
};
const KNIGHT: Figure = {
  body:
    'M33 85C32 71 38 64 46 57c3-2.6 5-5.5 5.2-9' +
    'C46 53.5 40 53.5 35.5 56 32 58 31 63 26.5 63 22 63 18 58 18 53.5 21 46 26 41 29 33.5 30 28.5 32 25 36 22' +
    'L36.5 11C41 13 44.5 16 46.8 19.5 63 19 77 34 79 55c1 11 0 21-1 30z',
  detail: 'M34.5 33.5l3-1.8M24 54.5l1.8-1.5M52 27.5C64 31 70.5 43 71 58',
};
const PAWN: Figure = {
  body:
    'M50 18a13 13 0 0 1 8.5 22.8C62 42 63.5 44 64 47h-7.5C57.5 58 63 64 70.5 71.5 74 75 75 79 75 85H25' +
    'c0-6 1-10 4.5-13.5C37 64 42.5 58 43.5 47H36c.5-3 2-5 5.5-6.2A13 13 0 0 1 50 18z',
};

const MEN = { king: KING, queen: QUEEN, rook: ROOK, bishop: BISHOP, knight: KNIGHT, pawn: PAWN };
export type Man = keyof typeof MEN;

const BY_GLYPH = new Map<string, Man>();
(Object.keys(MEN) as Man[]).forEach((man, index) => {
  for (const first of ['♔', '♚']) BY_GLYPH.set(String.fromCodePoint((first.codePointAt(0) ?? 0) + index), man);
});

/** Chess's man of a glyph, black or white alike: ♔ and ♚ are both the king. */
export const manOf = (glyph: string): Man | undefined => BY_GLYPH.get(glyph);

/** How a glyph is drawn; undefined: as a letter. */
export function figureOf(glyph: string): Figure | undefined {
  const man = manOf(glyph);
  return man && MEN[man];
}

/** Marks of pen and paper, as thick lines. */
export const STROKES: Record<string, string> = {
  X: 'M26 26L74 74M74 26L26 74',
  O: 'M50 23a27 27 0 1 1 0 54a27 27 0 1 1 0-54z',
};

/** A deck's suits. */
export const SUITS: Record<string, string> = {
  '♠':
    'M50 8C60 24 88 40 88 60c0 14-11 21-21 21-6 0-10-2-13-6 1 8 3 12 8 17H38' +
    'c5-5 7-9 8-17-3 4-7 6-13 6-10 0-21-7-21-21C12 40 40 24 50 8z',
  '♥': 'M50 90C44 76 8 58 8 34 8 20 18 12 29 12c9 0 17 5 21 14 4-9 12-14 21-14 11 0 21 8 21 22 0 24-36 42-42 56z',
  '♦': 'M50 6C60 24 70 37 84 50 70 63 60 76 50 94 40 76 30 63 16 50 30 37 40 24 50 6z',
  '♣':
    'M50 8a20 20 0 0 1 17 30.5A20 20 0 1 1 55.5 71C56.5 80 58 86 63 92H37c5-6 6.5-12 7.5-21' +
    'A20 20 0 1 1 33 38.5 20 20 0 0 1 50 8z',
};
