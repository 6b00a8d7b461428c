// A position as data -> geometry -> SVG (grids) and HTML (cards, text, conversations); the same told in words.
export { BoardView, type BoardViewProps } from './BoardView';
export { seatColour } from './colours';
export type { Board, Cell, Pressing } from './types';
