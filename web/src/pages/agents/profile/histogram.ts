// Counts between fixed edges, as bars.

export interface Bin {
  /** Where it ends, ms; null: nowhere. */
  to: number | null;
  count: number;
  /** Of all, 0 to 1. */
  share: number;
}

/** The bin (of `edges.length + 1`) that a time falls into. */
export function binOf(edges: number[], ms: number): number {
  const at = edges.findIndex((edge) => ms < edge);
  return at < 0 ? edges.length : at;
}

/** Bins from the first that is not empty to the last one, with `also` (ms) in them. */
export function bins(edges: number[], counts: number[], also: number | null): Bin[] {
  const used = counts.flatMap((count, at) => (count > 0 ? [at] : []));
  if (used.length === 0) return [];
  const reach = also === null ? used : [...used, binOf(edges, also)];
  const all = counts.reduce((sum, count) => sum + count, 0);
  const first = Math.min(...reach);
  return counts
    .slice(first, Math.max(...reach) + 1)
    .map((count, at) => ({ to: edges[first + at] ?? null, count, share: count / all }));
}
