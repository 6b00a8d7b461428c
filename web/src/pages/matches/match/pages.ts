// Positions come in pages.

export const PAGE = 50;

/** The pages to have at hand for a position: its own, and the nearer neighbour where there is one. */
export function pagesFor(ply: number, last: number): number[] {
  const page = Math.floor(ply / PAGE);
  const neighbour = ply % PAGE >= PAGE / 2 ? page + 1 : page - 1;
  return neighbour >= 0 && neighbour * PAGE <= last ? [page, neighbour] : [page];
}
