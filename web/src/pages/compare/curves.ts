import type { Shown } from '@/api/client';

type Point = Pick<Shown<'Point'>, 'at_ms' | 'mu'>;

/** Ratings at one moment: those of the agents that were rated just then. */
export interface Moment {
  at: number;
  a?: number;
  b?: number;
}

/** Two courses on one time axis, oldest first. */
export function overlaid(a: readonly Point[], b: readonly Point[]): Moment[] {
  const moments = new Map<number, Moment>();
  for (const [name, points] of [
    ['a', a],
    ['b', b],
  ] as const)
    for (const point of points)
      moments.set(point.at_ms, { ...(moments.get(point.at_ms) ?? { at: point.at_ms }), [name]: point.mu });
  return [...moments.values()].sort((one, other) => one.at - other.at);
}
