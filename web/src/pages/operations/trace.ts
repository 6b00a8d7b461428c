/** Figures over the time the page is open: a ring for each, and counters as rates. */

/** at: milliseconds since the epoch. */
export interface Point {
  at: number;
  value: number;
}

export interface Trace {
  points: Readonly<Record<string, readonly Point[]>>;
  /** The counters' last totals, to know how much was added since. */
  totals: Readonly<Record<string, Point>>;
}

/** One answer. counters: totals by kind and process; a process that starts again counts from 0. */
export interface Sample {
  at: number;
  gauges?: Record<string, number>;
  counters?: Record<string, Record<string, number>>;
}

export const WINDOW_MS = 10 * 60_000;
export const POINTS_MAX = 240;
export const EMPTY: Trace = { points: {}, totals: {} };

/** The trace with one more sample. A counter's rate is `kind:process`, that of all processes `kind`, each a second. */
export function sampled(trace: Trace, { at, gauges = {}, counters = {} }: Sample): Trace {
  const values: Record<string, number> = { ...gauges };
  const totals: Record<string, Point> = {};
  for (const [kind, processes] of Object.entries(counters)) {
    let sum: number | undefined;
    for (const [process, total] of Object.entries(processes)) {
      const key = `${kind}:${process}`;
      totals[key] = { at, value: total };
      const rate = rateSince(trace.totals[key], at, total);
      if (rate === undefined) continue;
      values[key] = rate;
      sum = (sum ?? 0) + rate;
    }
    if (sum !== undefined) values[kind] = sum;
  }
  const points: Record<string, readonly Point[]> = {};
  for (const key of new Set([...Object.keys(trace.points), ...Object.keys(values)])) {
    const value = values[key];
    const known = trace.points[key] ?? [];
    const kept = ring(value === undefined ? known : [...known, { at, value }], at);
    if (kept.length > 0) points[key] = kept;
  }
  return { points, totals: { ...recent(trace.totals, at), ...totals } };
}

function rateSince(before: Point | undefined, at: number, total: number): number | undefined {
  if (!before || at <= before.at) return undefined;
  return Math.max(0, total - before.value) / ((at - before.at) / 1_000);
}

const ring = (points: readonly Point[], now: number) =>
  points.filter((point) => point.at > now - WINDOW_MS).slice(-POINTS_MAX);

const recent = (totals: Trace['totals'], now: number) =>
  Object.fromEntries(Object.entries(totals).filter(([, { at }]) => at > now - WINDOW_MS));

/** What a figure is now; undefined: nobody has said yet. */
export const latest = (trace: Trace, key: string): number | undefined => trace.points[key]?.at(-1)?.value;
