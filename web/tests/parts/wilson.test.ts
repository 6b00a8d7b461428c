import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wilson } from '@/parts/wilson';

it('is what the books say', () => {
  const found = wilson(8, 10);
  expect(found?.low).toBeCloseTo(0.4902, 3);
  expect(found?.high).toBeCloseTo(0.9433, 3);
  expect(wilson(0, 0)).toBeNull();
});

it('holds the rate, stays a rate, and narrows with more matches', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (played, share) => {
      const of = wilson(share * played, played);
      const more = wilson(share * played * 2, played * 2);
      if (!of || !more) throw new Error('there were matches');
      expect(of.low).toBeGreaterThanOrEqual(0);
      expect(of.low).toBeLessThanOrEqual(of.rate);
      expect(of.high).toBeGreaterThanOrEqual(of.rate);
      expect(of.high).toBeLessThanOrEqual(1);
      expect(more.high - more.low).toBeLessThan(of.high - of.low);
    }),
  );
});
