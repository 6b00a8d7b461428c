import type { Shown } from '@/api/client';

export type Item = Shown<'WatchItem'>;

/** A match on the wall. endedAt: when it was over, ms; null while it is played. */
export interface Place {
  item: Item;
  endedAt: number | null;
}

/** Places in their order; null: free, since there is nothing to show there. */
export type Wall = readonly (Place | null)[];

export const HELD_MS = 8_000; // a match that is over stays, with its result

/**
 * The wall of now. Who has a place keeps it until its match was over for HELD_MS, whatever else is better by then; free
 * places get the best matches that have none. best: running matches, best first; size: places there are.
 */
export function arranged(before: Wall, best: readonly Item[], size: number, now: number): Wall {
  const newest = new Map(best.map((item) => [item.match, item]));
  const held = before
    .slice(0, size)
    .map((place) => (place && stays(place, now) ? renewed(place, newest.get(place.item.match)) : null));
  const shown = new Set(before.flatMap((place) => (place ? [place.item.match] : [])));
  const next = best.filter((item) => !shown.has(item.match));
  const wall = Array.from({ length: size }, (_, at) => held[at] ?? placed(next.shift()));
  while (wall.length > 0 && wall.at(-1) === null) wall.pop();
  return same(wall, before) ? before : wall;
}

const stays = (place: Place, now: number) => place.endedAt === null || now - place.endedAt < HELD_MS;
const placed = (item: Item | undefined): Place | null => (item ? { item, endedAt: null } : null);

function renewed(place: Place, item: Item | undefined): Place {
  // How interesting it is may change; what is told of its place stays, or badges would come and go.
  return item && item.plies !== place.item.plies ? { ...place, item: { ...place.item, plies: item.plies } } : place;
}

const same = (one: Wall, other: Wall) => one.length === other.length && one.every((place, at) => place === other[at]);

/** The wall when a match is over. */
export function ended(wall: Wall, match: string, now: number): Wall {
  return wall.map((place) =>
    place && place.item.match === match && place.endedAt === null ? { ...place, endedAt: now } : place,
  );
}

/** How many places fill a screen and a little more. width, height: of the window, px. */
export function fitting(width: number, height: number): number {
  const columns = Math.max(1, Math.floor((width < 768 ? width : width - 240) / 270));
  const rows = Math.max(2, Math.ceil(height / 380));
  return Math.min(24, Math.max(4, columns * rows));
}

/** Why somebody would watch it, the heaviest reason first; that there is a board, one sees. */
export const reasons = (item: Item) => item.why.filter((why) => why !== 'board');
