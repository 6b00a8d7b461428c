import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectOf } from '@/pages/agents/care/metadata';
import { drawn, ticksOf } from '@/pages/agents/profile/curve';
import { binOf, bins } from '@/pages/agents/profile/histogram';

const EDGES = [1, 2, 5, 10, 20];

describe('the course of a rating', () => {
  const points = [
    { match: 'm2', mu: 27, sigma: 2, at_ms: 20 },
    { match: 'm1', mu: 25, sigma: 8, at_ms: 10 },
  ];

  it('is drawn in order of time, within what is likely', () => {
    const [first, second] = drawn(points);
    expect(first).toMatchObject({ match: 'm1', band: [25 - 1.96 * 8, 25 + 1.96 * 8] });
    expect(second?.match).toBe('m2');
  });

  it('stands on round numbers', () => {
    expect(ticksOf(drawn(points))).toEqual([0, 10, 20, 30, 40, 50]);
    expect(ticksOf([])).toEqual([0, 1]);
  });

  it('fits between the first tick and the last, however large it is', () => {
    const rating = fc.record({
      mu: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      sigma: fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(rating, { minLength: 1 }), (ratings) => {
        const rows = drawn(ratings.map((one, at) => ({ ...one, match: 'm', at_ms: at })));
        const ticks = ticksOf(rows);
        const near = 1e-6 * Math.max(...ticks.map(Math.abs), 1);
        for (const { band } of rows) {
          expect(band[0]).toBeGreaterThanOrEqual((ticks[0] ?? 0) - near);
          expect(band[1]).toBeLessThanOrEqual((ticks.at(-1) ?? 0) + near);
        }
        expect(ticks.length).toBeLessThanOrEqual(7);
      }),
    );
  });
});

describe('a histogram', () => {
  it('puts a time between the edges that hold it', () => {
    expect([0.5, 1, 4.9, 19, 20, 1e9].map((ms) => binOf(EDGES, ms))).toEqual([0, 1, 2, 4, 5, 5]);
  });

  it('leaves out what is empty on both sides, but not the clock', () => {
    expect(bins(EDGES, [0, 3, 1, 0, 0, 0], null)).toEqual([
      { to: 2, count: 3, share: 0.75 },
      { to: 5, count: 1, share: 0.25 },
    ]);
    expect(bins(EDGES, [0, 3, 1, 0, 0, 0], 12).map(({ to }) => to)).toEqual([2, 5, 10, 20]);
    expect(bins(EDGES, [0, 0, 0, 0, 0, 1], null)).toEqual([{ to: null, count: 1, share: 1 }]);
    expect(bins(EDGES, [0, 0, 0, 0, 0, 0], 12)).toEqual([]);
  });

  it('keeps every turn', () => {
    const counts = fc.array(fc.nat(1000), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(counts, fc.option(fc.float({ min: 0, max: 100, noNaN: true })), (all, clock) => {
        const kept = bins(EDGES, all, clock);
        const sum = all.reduce((one, other) => one + other, 0);
        expect(kept.reduce((total, { count }) => total + count, 0)).toBe(sum);
        if (sum > 0) expect(kept.reduce((total, { share }) => total + share, 0)).toBeCloseTo(1);
      }),
    );
  });
});

describe('metadata', () => {
  it.each([
    ['', {}],
    [' {"commit": "4f2a"} ', { commit: '4f2a' }],
    ['[1]', null],
    ['null', null],
    ['{', null],
  ])('%s', (text, found) => {
    expect(objectOf(text)).toEqual(found);
  });
});
