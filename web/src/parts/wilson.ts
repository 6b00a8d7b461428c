const Z = 1.96; // standard deviations on either side: 95 % of a normal distribution

/** What is known of a rate from a sample. All from 0 to 1. */
export interface Rate {
  rate: number;
  low: number;
  high: number;
}

/**
 * Wilson's score interval with 95 %, as the API's own (arena/core/intervals.py). won: successes, a draw as half of one.
 * null: nothing is known of none. https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval
 */
export function wilson(won: number, played: number): Rate | null {
  if (played <= 0) return null;
  const rate = won / played;
  const weight = Z ** 2 / played;
  const middle = (rate + weight / 2) / (1 + weight);
  const reach = (Z * Math.sqrt((rate * (1 - rate)) / played + weight / (4 * played))) / (1 + weight);
  return { rate, low: Math.max(0, Math.min(rate, middle - reach)), high: Math.min(1, Math.max(rate, middle + reach)) };
}
