import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes } from '@/pages/operations/bytes';
import { ofReadiness, ofServices, total } from '@/pages/operations/figures';

test('a metric counts over all its labels, and no other metric that begins like it', () => {
  const figures = { 'requests{path="/a"}': 3, 'requests{path="/b"}': 4, requests_total: 100, requests: 1 };
  expect(total(figures, 'requests')).toBe(8);
});

test('what a process does is counted by its own metric', () => {
  const common = { version: '', host: '', started: '', metrics: '' };
  const sample = ofServices(
    [
      {
        ...common,
        id: 'r',
        name: 'arena-recorder',
        figures: { arena_recorder_events_total: 7, process_cpu_seconds_total: 2 },
      },
      { ...common, id: 'b', name: 'arena-bots', figures: {} },
    ],
    1,
  );
  expect(sample).toEqual({ at: 1, counters: { cpu: { r: 2 }, work: { r: 7 } } });
});

test('a lag that nobody knows is not drawn as none', () => {
  expect(ofReadiness({ ready: false, nats: 'up', database: 'down', lag_events: null }, 1)).toEqual({
    at: 1,
    gauges: {},
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 KB'],
  [3_814_376, '3.8 MB'],
  [102_207_488, '102 MB'],
  [5e15, '5000 TB'],
])('%d bytes', (amount, text) => expect(bytes(amount)).toBe(text));

test('sizes of anything have a unit', () => {
  fc.assert(
    fc.property(fc.nat(), (amount) => {
      expect(bytes(amount)).toMatch(/^[\d.]+ [KMGT]?B$/);
    }),
  );
});
