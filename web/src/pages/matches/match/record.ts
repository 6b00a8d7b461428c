// A match as a fold of its events: what the log says, in the order in which it says so.
//
//   created -> claimed -> moved* (faulted*, reseated*, claimed*) -> ended | voided      (arena/wire/events.py)
//
// A position `ply` is that after so many steps; step n leads from position n to n + 1.

export interface Move {
  seat: number;
  /** undefined: kept back while the match is played. */
  action?: unknown;
  think_ms: number;
  lag_ms: number;
  forgiven_ms: number;
  by_platform: boolean;
}

/** One step of the environment. Lists are by seat. */
export interface Step {
  ply: number;
  at_ms: number;
  moves: Move[];
  rewards: number[];
  /** After the step: sums of rewards, and what the clocks' banks hold. */
  scores: number[];
  banks: number[];
}

export interface Fault {
  seq: number;
  at_ms: number;
  seat: number;
  ply: number;
  cause: 'illegal' | 'malformed' | 'timeout' | 'gone';
  verdict: 'warned' | 'forfeited';
  /** undefined: kept back while the match is played. */
  expected?: string;
  evidence?: string;
  asked_ms: number;
  elapsed_ms: number;
  forgiven_ms: number;
  sent: number;
  replied_ms: number;
  reply_bytes: number;
  connection: 'subscribed' | 'returned' | 'absent' | 'silent' | null;
}

/** Somebody else went on: another runner with the match, or another instance with a seat. */
export type Takeover = { seq: number; at_ms: number; ply: number } & (
  | { of: 'match'; epoch: number; runner: string }
  | { of: 'seat'; seat: number; instance: string }
);

export interface Clock {
  move_ms: number;
  bank_ms: number;
  increment_ms: number;
}

export type End =
  | { kind: 'ended'; at_ms: number; cause: string; results: { seat: number; placement: number; score: number }[] }
  | { kind: 'voided'; at_ms: number; cause: string; detail: string };

export interface MatchRecord {
  /** Of the last event that is in here. */
  seq: number;
  seats: number;
  clock: Clock;
  steps: Step[];
  faults: Fault[];
  takeovers: Takeover[];
  /** When the first runner had it; null: none has it yet. */
  begun_ms: number | null;
  end: End | null;
}

/** An event as the log has it. */
export interface Logged {
  seq: number;
  at_ms: number;
  event: unknown;
}

export const EMPTY: MatchRecord = {
  seq: 0,
  seats: 0,
  clock: { move_ms: 0, bank_ms: 0, increment_ms: 0 },
  steps: [],
  faults: [],
  takeovers: [],
  begun_ms: null,
  end: null,
};

/** The record with these events, which come in the log's order; those that are in it already change nothing. */
export function fold(record: MatchRecord, events: readonly Logged[]): MatchRecord {
  const fresh = events.filter((one) => one.seq > record.seq);
  if (fresh.length === 0) return record;
  const next: MatchRecord = {
    ...record,
    steps: [...record.steps],
    faults: [...record.faults],
    takeovers: [...record.takeovers],
  };
  for (const one of fresh) if (one.seq > next.seq) take(next, one);
  return next;
}

/** Sums of rewards at a position. */
export const scoresAt = (record: MatchRecord, ply: number): number[] =>
  record.steps[ply - 1]?.scores ?? Array<number>(record.seats).fill(0);

/** What the banks hold at a position, in milliseconds. */
export const banksAt = (record: MatchRecord, ply: number): number[] =>
  record.steps[ply - 1]?.banks ?? Array<number>(record.seats).fill(record.clock.bank_ms);

/** When the turn that is open at the newest position was asked, as far as the log tells. */
export const askedAt = (record: MatchRecord): number | null => record.steps.at(-1)?.at_ms ?? record.begun_ms;

/** The newest position. */
export const lastPly = (record: MatchRecord): number => record.steps.length;

type Payload = { kind?: string } & Record<string, unknown>;

function take(record: MatchRecord, { seq, at_ms, event }: Logged) {
  record.seq = seq;
  if (typeof event !== 'object' || event === null) return; // it could not be understood
  const payload = event as Payload;
  switch (payload.kind) {
    case 'created': {
      const clock = (payload.clock ?? {}) as Partial<Clock>;
      record.seats = list(payload.seats).length;
      // What is left out of an event has its default (arena/wire/events.py, ClockRule).
      record.clock = { move_ms: 10_000, bank_ms: 0, increment_ms: 0, ...clock };
      return;
    }
    case 'claimed':
      if (record.begun_ms === null) record.begun_ms = at_ms;
      else
        record.takeovers.push({
          ...{ seq, at_ms, ply: record.steps.length, of: 'match' },
          epoch: figure(payload.epoch),
          runner: String(payload.runner),
        });
      return;
    case 'reseated':
      record.takeovers.push({
        ...{ seq, at_ms, ply: record.steps.length, of: 'seat' },
        seat: figure(payload.seat),
        instance: String(payload.instance),
      });
      return;
    case 'moved':
      record.steps.push(stepped(record, at_ms, payload));
      return;
    case 'faulted':
      record.faults.push(faulted(seq, at_ms, payload));
      return;
    case 'ended':
      record.end = {
        kind: 'ended',
        at_ms,
        cause: String(payload.cause),
        results: list(payload.results) as (End & { kind: 'ended' })['results'],
      };
      return;
    case 'voided':
      record.end = { kind: 'voided', at_ms, cause: String(payload.cause), detail: String(payload.detail ?? '') };
  }
}

function stepped(record: MatchRecord, at_ms: number, payload: Payload): Step {
  const ply = record.steps.length;
  const rewards = list(payload.rewards).map(figure);
  const before = scoresAt(record, ply);
  const banks = [...banksAt(record, ply)];
  const moves = list(payload.moves).map((one) => moved(one as Record<string, unknown>));
  const { bank_ms, increment_ms } = record.clock;
  for (const { seat, think_ms, by_platform } of moves) {
    if (bank_ms > 0 && !by_platform) banks[seat] = Math.max((banks[seat] ?? 0) - think_ms, 0) + increment_ms;
  }
  const scores = before.map((score, seat) => score + (rewards[seat] ?? 0));
  return { ply, at_ms, moves, rewards, scores, banks };
}

const moved = (one: Record<string, unknown>): Move => ({
  seat: figure(one.seat),
  action: one.action,
  think_ms: figure(one.think_ms),
  lag_ms: figure(one.lag_ms),
  forgiven_ms: figure(one.forgiven_ms),
  by_platform: one.by_platform === true,
});

const faulted = (seq: number, at_ms: number, payload: Payload): Fault => ({
  seq,
  at_ms,
  seat: figure(payload.seat),
  ply: figure(payload.ply),
  cause: payload.cause as Fault['cause'],
  verdict: payload.verdict as Fault['verdict'],
  expected: payload.expected as string | undefined,
  evidence: payload.evidence as string | undefined,
  asked_ms: figure(payload.asked_ms),
  elapsed_ms: figure(payload.elapsed_ms),
  forgiven_ms: figure(payload.forgiven_ms),
  sent: figure(payload.sent),
  replied_ms: figure(payload.replied_ms),
  reply_bytes: figure(payload.reply_bytes),
  connection: (payload.connection as Fault['connection']) ?? null,
});

/** Numbers of events: what is left out is 0. */
const figure = (value: unknown): number => (typeof value === 'number' ? value : 0);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
