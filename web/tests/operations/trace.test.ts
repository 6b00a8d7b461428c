import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY, latest, POINTS_MAX, type Sample, sampled, type Trace, WINDOW_MS } from '@/pages/operations/trace';

const folded = (samples: Sample[]): Trace => samples.reduce(sampled, EMPTY);

describe('a trace', () => {
  test('keeps gauges as they are', () => {
    const trace = folded([
      { at: 1_000, gauges: { playing: 3 } },
      { at: 2_000, gauges: { playing: 5, lag: 1 } },
    ]);
    expect(trace.points.playing).toEqual([
      { at: 1_000, value: 3 },
      { at: 2_000, value: 5 },
    ]);
    expect(latest(trace, 'lag')).toBe(1);
    expect(latest(trace, 'waiting')).toBeUndefined();
  });

  test('tells counters by the second, for each process and all', () => {
    const trace = folded([
      { at: 1_000, counters: { moves: { a: 10, b: 0 } } },
      { at: 3_000, counters: { moves: { a: 30, b: 8 } } },
    ]);
    expect([latest(trace, 'moves:a'), latest(trace, 'moves:b'), latest(trace, 'moves')]).toEqual([10, 4, 14]);
  });

  test('a process that comes, goes, or starts again makes no peak', () => {
    const trace = folded([
      { at: 1_000, counters: { moves: { a: 1_000_000 } } },
      { at: 2_000, counters: { moves: { a: 5, b: 2_000_000 } } },
    ]);
    expect(latest(trace, 'moves')).toBe(0);
    expect(trace.points['moves:b']).toBeUndefined();
  });

  test('forgets what is older than its window', () => {
    const trace = folded([
      { at: 1, gauges: { lag: 7 } },
      { at: WINDOW_MS + 2, gauges: { waiting: 1 } },
    ]);
    expect(Object.keys(trace.points)).toEqual(['waiting']);
  });

  test('stays within its bounds, in order, and no rate is below zero', () => {
    const sample = fc.record({
      step: fc.integer({ min: 0, max: 60_000 }),
      gauges: fc.dictionary(fc.constantFrom('playing', 'lag'), fc.integer()),
      counters: fc.record({ moves: fc.dictionary(fc.constantFrom('a', 'b'), fc.nat()) }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 400 }), (steps) => {
        let at = 0;
        const trace = folded(
          steps.map(({ step, ...rest }) => {
            at += step;
            return { at, ...rest };
          }),
        );
        for (const [key, points] of Object.entries(trace.points)) {
          expect(points.length).toBeLessThanOrEqual(POINTS_MAX);
          for (const [index, point] of points.entries()) {
            expect(point.at).toBeGreaterThan(at - WINDOW_MS);
            expect(point.at).toBeGreaterThanOrEqual(points[index - 1]?.at ?? 0);
            if (key.startsWith('moves')) expect(point.value).toBeGreaterThanOrEqual(0);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});
