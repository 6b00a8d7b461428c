// Logs of matches that never were, as the platform would write them.

import * as fc from 'fast-check';
import type { Logged } from '@/pages/matches/match/record';

const ms = fc.integer({ min: 0, max: 5_000 });

const step = (seats: number) =>
  fc.record({
    movers: fc.uniqueArray(
      fc.record({ seat: fc.nat(seats - 1), action: fc.nat(9), think_ms: ms, by_platform: fc.boolean() }),
      { minLength: 1, maxLength: seats, selector: (move) => move.seat },
    ),
    rewards: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: seats, maxLength: seats }),
    before: fc.array(fc.constantFrom('faulted', 'claimed', 'reseated'), { maxLength: 2 }),
  });

/** A whole log: created, claimed, steps with what happens between them, and an end. */
export const logs = fc.integer({ min: 1, max: 4 }).chain((seats) =>
  fc
    .record({
      bank_ms: fc.constantFrom(0, 10_000),
      increment_ms: fc.constantFrom(0, 500),
      steps: fc.array(step(seats), { maxLength: 30 }),
      end: fc.constantFrom('ended', 'voided', null),
    })
    .map(({ bank_ms, increment_ms, steps, end }) => {
      const events: object[] = [
        { kind: 'created', seats: Array.from({ length: seats }, () => ({})), clock: { bank_ms, increment_ms } },
        { kind: 'claimed', runner: 'one', epoch: 1 },
      ];
      steps.forEach(({ movers, rewards, before }, ply) => {
        for (const kind of before) events.push({ kind, ply, seat: 0, cause: 'illegal', verdict: 'warned', epoch: 2 });
        events.push({ kind: 'moved', ply, moves: movers, rewards, digest: String(ply) });
      });
      if (end) events.push({ kind: end, cause: 'finished', results: [], plies: steps.length });
      return { seats, events: logged(events) };
    }),
);

/** Events with sequences that have gaps, as those of one match among others do. */
export const logged = (events: readonly unknown[]): Logged[] =>
  events.map((event, index) => ({ seq: 10 + index * 3, at_ms: 1_000 + index * 100, event }));
