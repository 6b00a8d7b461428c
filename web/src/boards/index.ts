// A position as data -> geometry -> SVG (grids) and HTML (cards, text, conversations); the same told in words.
export { BoardView, type BoardViewProps } from './BoardView';
export { seatColour } from './colours';
export type { Following, Position } from './following';
export { Hidden, LiveBoard, type LiveBoardProps } from './LiveBoard';
export { type Board, boardOf, type Cell, type Grid, type Pressing } from './types';
export { useBoard } from './useBoard';
