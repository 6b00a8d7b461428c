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

/** Whole numbers around all that is drawn. */
export function bounds(rows: Drawn[]): [number, number] {
  const low = Math.min(...rows.map(({ band }) => band[0]));
  const high = Math.max(...rows.map(({ band }) => band[1]));
  return Number.isFinite(low) && Number.isFinite(high) ? [Math.floor(low), Math.ceil(high)] : [0, 1];
}
