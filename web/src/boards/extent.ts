import { CELL, geometryOf } from './geometry';
import type { Board, Part } from './types';

export const HAND = 27; // units that a hand of cards may be wide; more cards overlap
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
      return { width: HAND, height: part.cards.length ? 5.4 : 1.6 };
    case 'lines':
      return {
        width: Math.max(1, ...part.lines.map((line) => line.length)) * CHARACTER + 1,
        height: part.lines.length * LINE,
      };
    case 'chat':
      return { width: 30, height: 24 };
  }
}

/** The larger of both, each way: a board that shrinks keeps its place. */
export const grown = (one: Extent, other: Extent): Extent =>
  other.width <= one.width && other.height <= one.height
    ? one
    : { width: Math.max(one.width, other.width), height: Math.max(one.height, other.height) };
