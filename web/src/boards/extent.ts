import { CELL, geometryOf } from './geometry';
import type { Board, Part } from './types';

export const CARD = 2.7; // units, with the gap behind it
const HAND_MIN = 16; // that a hand takes, with what is said of it
const HAND_MAX = 27; // more cards overlap
const LINES_MAX = 28; // that a box makes room for; more are cut
const CHARACTERS_MAX = 72; // the same of a line
const CELL_UNITS = 2.4; // of a grid beside other parts
const CHARACTER = 0.61; // width of one in a monospaced font
const LINE = 1.4;

/** How large parts are, in units: a unit is the size of their text. */
export interface Extent {
  width: number;
  height: number;
}

/** What a board needs, its parts below each other. */
export function extentOf(board: Board): Extent {
  const parts = board.parts.map(partExtent);
  const gaps = Math.max(0, parts.length - 1) * 0.6;
  return {
    width: Math.max(1, ...parts.map((part) => part.width)),
    height: Math.max(
      1,
      parts.reduce((sum, part) => sum + part.height, gaps),
    ),
  };
}

function partExtent(part: Part): Extent {
  switch (part.part) {
    case 'grid': {
      const { width, height } = geometryOf(part);
      return { width: (width / CELL) * CELL_UNITS, height: (height / CELL) * CELL_UNITS };
    }
    case 'cards':
      return { width: handWidth(part.cards.length), height: part.cards.length ? 5.4 : 1.6 };
    case 'lines': {
      const characters = Math.max(1, ...part.lines.map((line) => line.length));
      return {
        width: Math.min(characters, CHARACTERS_MAX) * CHARACTER + 1,
        height: Math.min(part.lines.length, LINES_MAX) * LINE,
      };
    }
    case 'chat':
      return { width: 30, height: 24 };
  }
}

/** How wide a hand is drawn, in units. */
export const handWidth = (cards: number) => Math.min(HAND_MAX, Math.max(HAND_MIN, cards * CARD));

/** The larger of both, each way: a board that shrinks keeps its place. */
export const grown = (one: Extent, other: Extent): Extent =>
  other.width <= one.width && other.height <= one.height
    ? one
    : { width: Math.max(one.width, other.width), height: Math.max(one.height, other.height) };
