import type { Shown } from '@/api/client';

// The API leaves out what is as by default; its document says that such fields are always there.
type Given<Whole, Always extends keyof Whole> = Pick<Whole, Always> & Partial<Omit<Whole, Always>>;

type Parts = Shown<'Board'>['parts'][number];
export type Piece = Given<Shown<'Piece'>, 'shape' | 'colour'>;
export type Grid = Omit<Given<Extract<Parts, { part: 'grid' }>, 'part' | 'cells'>, 'pieces' | 'marked'> & {
  pieces?: Record<string, Piece>;
  marked?: readonly Cell[];
};
export type Cards = Given<Extract<Parts, { part: 'cards' }>, 'part' | 'cards' | 'label'>;
export type Lines = Extract<Parts, { part: 'lines' }>;
export type Message = Given<Shown<'Message'>, 'text'>;
export type Chat = { part: 'chat'; messages: Message[]; left_out?: number };
export type Part = Grid | Cards | Lines | Chat;

/** A position as data (arena/wire/board.py). */
export interface Board {
  parts: readonly Part[];
}

/** A place on a grid: row from the top, column from the left, both from 0. */
export type Cell = readonly [row: number, column: number];

/** What a person may press on a board's first grid: by pointer, or by arrow keys and Enter. */
export interface Pressing {
  /** The cells that can be pressed now. The others can be visited by the arrow keys and read, no more. */
  cells: readonly Cell[];
  /** Others that can be pressed and are no way to go on, e.g. another man instead of the chosen one. */
  also?: readonly Cell[];
  onCell: (row: number, column: number) => void;
  /** What was pressed before and waits for the rest of the move, e.g. the man that is to go. */
  chosen?: Cell | null;
}

/** The position of a frame: its board, or its text where the game has no drawing. */
export function boardOf(frame: { board: object | null; text: string }): Board {
  // By what the query library answers, a cell's two numbers might be any number of them.
  return (frame.board as Board | null) ?? { parts: [{ part: 'lines', lines: frame.text.split('\n') }] };
}
