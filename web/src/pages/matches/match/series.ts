// Charts of a match: points by position, few enough to be drawn whatever the match's length.

import type { MatchRecord } from './record';

const POINTS_MAX = 240;

/** `ply`, and a value for each seat under `s0`, `s1`, ... */
export type Point = { ply: number } & Record<string, number>;

export const seriesOf = (seat: number) => `s${seat}`;

/** Sums of rewards at each position. */
export function scores(record: MatchRecord): Point[] {
  const points = [point(0, Array<number>(record.seats).fill(0))];
  for (const step of record.steps) points.push(point(step.ply + 1, step.scores));
  return thinned(points, (bucket) => bucket.at(-1) as Point);
}

/** Rewards of each step, told at the position to which it led; of several steps drawn as one, their sum. */
export function rewards(record: MatchRecord): Point[] {
  return thinned(
    record.steps.map((step) => point(step.ply + 1, step.rewards)),
    (bucket) => merged(bucket, (a, b) => a + b),
  );
}

/** How long each seat thought, in seconds; of several steps drawn as one, the longest. */
export function thinking(record: MatchRecord): Point[] {
  const points = record.steps.map((step) => {
    const found: Point = { ply: step.ply + 1 };
    for (const move of step.moves) found[seriesOf(move.seat)] = move.think_ms / 1_000;
    return found;
  });
  return thinned(points, (bucket) => merged(bucket, Math.max));
}

/** Whether anything but 0 was ever got before the last step: else a chart of it says nothing. */
export const rewardedOnTheWay = (record: MatchRecord) =>
  record.steps.slice(0, -1).some((step) => step.rewards.some((reward) => reward !== 0));

/** The drawn position that is nearest to one that is looked at. */
export function nearest(points: readonly Point[], ply: number): number {
  let found = 0;
  for (const one of points) {
    if (one.ply > ply) break;
    found = one.ply;
  }
  return found;
}

function point(ply: number, values: readonly number[]): Point {
  const found: Point = { ply };
  values.forEach((value, seat) => {
    found[seriesOf(seat)] = value;
  });
  return found;
}

function thinned(points: Point[], one: (bucket: Point[]) => Point): Point[] {
  if (points.length <= POINTS_MAX) return points;
  const size = Math.ceil(points.length / POINTS_MAX);
  const found: Point[] = [];
  for (let first = 0; first < points.length; first += size) found.push(one(points.slice(first, first + size)));
  return found;
}

/** Several points as one, told at the last of them. */
function merged(bucket: Point[], both: (a: number, b: number) => number): Point {
  const found: Point = { ply: 0 };
  for (const { ply, ...values } of bucket) {
    found.ply = ply;
    for (const [name, value] of Object.entries(values)) {
      const known = found[name];
      found[name] = known === undefined ? value : both(known, value);
    }
  }
  return found;
}
