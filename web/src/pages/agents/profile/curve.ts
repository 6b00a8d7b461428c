// The course of a rating, as it is drawn.
import type { Shown } from '@/api/client';

export interface Drawn {
  at: number; // ms since the epoch
  mu: number;
  /** The true strength lies within with 95 %. */
  band: [number, number];
  match: string;
}

const SURE = 1.96; // standard deviations on either side: 95 % of a normal distribution

/** In order of time. */
export const drawn = (points: Shown<'Point'>[]): Drawn[] =>
  points
    .map(({ at_ms, mu, sigma, match }) => ({
      at: at_ms,
      mu,
      band: [mu - SURE * sigma, mu + SURE * sigma] as [number, number],
      match,
    }))
    .sort((a, b) => a.at - b.at);

const TICKS_MAX = 6;

/** Round numbers, at even distances, around all that is drawn: the axis goes from the first to the last one. */
export function ticksOf(rows: Drawn[]): number[] {
  const low = Math.min(...rows.map(({ band }) => band[0]));
  const high = Math.max(...rows.map(({ band }) => band[1]));
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const least = Math.max((high - low) / (TICKS_MAX - 2), Number.EPSILON);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((one) => one >= least) ?? 10 * power;
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}
