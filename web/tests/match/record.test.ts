import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { banksAt, EMPTY, fold, type Logged, lastPly, type MatchRecord, scoresAt } from '@/pages/matches/match/record';
import { logged, logs } from './logs';
import played from './played.json';

describe('a match that was played', () => {
  const record = fold(
    EMPTY,
    played.events.map((one) => ({ seq: one.seq, at_ms: one.stored_ms, event: one.payload })),
  );

  test('has the positions that its replay has', () => {
    expect(lastPly(record)).toBe(played.frames.length - 1);
    for (const frame of played.frames) {
      expect(scoresAt(record, frame.ply)).toEqual(frame.scores);
      const step = record.steps[frame.ply - 1];
      expect(step?.moves.map((move) => [move.seat, move.action]) ?? []).toEqual(
        frame.moves.map((move) => [move.seat, move.action]),
      );
      if (step) expect(step.rewards).toEqual(frame.rewards);
    }
  });

  test('has an end, and who began it', () => {
    expect(record.end).toMatchObject({ kind: 'ended', cause: 'finished' });
    expect(record.begun_ms).toBe(played.events[1]?.stored_ms);
    expect(record.seats).toBe(2);
  });
});

test('what came in pieces, some of them twice, is what came at once', () => {
  fc.assert(
    fc.property(logs, fc.array(fc.nat(40)), ({ events }, cuts) => {
      let record: MatchRecord = EMPTY;
      for (const cut of cuts) {
        const from = events.findIndex((one) => one.seq > record.seq);
        // A connection that came back tells some events again.
        record = fold(record, events.slice(Math.max(0, from - 2), from + cut));
      }
      record = fold(record, events);
      expect(record).toEqual(fold(EMPTY, events));
    }),
  );
});

test('a position is the same whatever came after it', () => {
  fc.assert(
    fc.property(logs, fc.nat(30), ({ events }, wanted) => {
      const whole = fold(EMPTY, events);
      const ply = Math.min(wanted, lastPly(whole));
      const moves = events.filter((one) => (one.event as { kind: string }).kind === 'moved');
      const until = ply === 0 ? 2 : events.indexOf(moves[ply - 1] as Logged) + 1;
      const start = fold(EMPTY, events.slice(0, until));
      expect(scoresAt(start, ply)).toEqual(scoresAt(whole, ply));
      expect(banksAt(start, ply)).toEqual(banksAt(whole, ply));
    }),
  );
});

test('scores are sums of rewards, and a bank never pays for what the platform moved', () => {
  fc.assert(
    fc.property(logs, ({ seats, events }) => {
      const record = fold(EMPTY, events);
      const last = lastPly(record);
      for (let seat = 0; seat < seats; seat += 1) {
        const sum = record.steps.reduce((all, step) => all + (step.rewards[seat] ?? 0), 0);
        expect(scoresAt(record, last)[seat]).toBe(sum);
        const own = record.steps.flatMap((step) => step.moves).filter((move) => move.seat === seat);
        if (own.every((move) => move.by_platform)) expect(banksAt(record, last)[seat]).toBe(record.clock.bank_ms);
      }
    }),
  );
});

test('the first claim begins a match, a later one takes it over', () => {
  const claims = logged([
    { kind: 'created', seats: [{}] },
    { kind: 'claimed', runner: 'a' },
    { kind: 'claimed', runner: 'b', epoch: 2 },
  ]);
  const record = fold(EMPTY, claims);
  expect(record.begun_ms).toBe(claims[1]?.at_ms);
  expect(record.takeovers).toMatchObject([{ of: 'match', epoch: 2, runner: 'b', ply: 0 }]);
});

test('what cannot be understood is passed over', () => {
  const record = fold(EMPTY, logged([{ kind: 'created', seats: [{}] }, null, 'text', { kind: 'of tomorrow' }]));
  expect(record).toMatchObject({ seq: 19, seats: 1, steps: [], end: null });
});
