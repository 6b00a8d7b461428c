import type { Shown } from '@/api/client';

export type Bin = Shown<'Bin'>;

/** Bins of equal width in their order, with those that nobody is in: the API leaves them out. */
export function filled(bins: readonly Bin[]): Bin[] {
  const first = bins[0];
  const last = bins.at(-1);
  if (!first || !last || first.high <= first.low) return [...bins];
  const width = first.high - first.low;
  const count = Math.round((last.high - first.low) / width);
  const at = new Map(bins.map((bin) => [Math.round((bin.low - first.low) / width), bin]));
  return Array.from({ length: count }, (_, index) => {
    const low = first.low + index * width;
    return at.get(index) ?? { low, high: low + width, agents: 0 };
  });
}
