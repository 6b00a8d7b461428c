// Where one is on the page of a match, as its address says.

export const TABS = ['charts', 'talk', 'trail', 'faults', 'about'] as const;
export type Tab = (typeof TABS)[number];

export interface Place {
  /** A position; none: the newest one. */
  ply?: number;
  tab?: Tab;
}

export function placeIn(search: Record<string, unknown>): Place {
  const ply = Number(search.ply);
  const tab = TABS.find((one) => one === search.tab);
  return {
    ...(search.ply !== undefined && Number.isInteger(ply) && ply >= 0 ? { ply } : {}),
    ...(tab ? { tab } : {}),
  };
}
