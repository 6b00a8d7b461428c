import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Bin, filled } from '@/pages/games/bins';

it('puts empty bins where nobody is, and loses nobody', () => {
  const histogram = fc.record({
    low: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    width: fc.double({ min: 0.1, max: 50, noNaN: true }),
    counts: fc.array(fc.nat(9), { minLength: 1, maxLength: 40 }),
  });
  fc.assert(
    fc.property(histogram, ({ low, width, counts }) => {
      const all: Bin[] = counts.map((agents, at) => ({ low: low + at * width, high: low + (at + 1) * width, agents }));
      const sent = all.filter((bin) => bin.agents > 0);
      const first = all.findIndex((bin) => bin.agents > 0);
      const last = all.findLastIndex((bin) => bin.agents > 0);
      expect(filled(sent).map((bin) => bin.agents)).toEqual(
        counts.slice(first, last + 1).slice(0, first < 0 ? 0 : undefined),
      );
    }),
  );
});

it('leaves the one bin of equal ratings as it is', () => {
  const one = [{ low: 8, high: 8, agents: 3 }];
  expect(filled(one)).toEqual(one);
});
