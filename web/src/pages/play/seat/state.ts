// Where a person's seat stands, as a fold of what happens to it.

import { keyOf, type Notice, type Over, type Turn } from './messages';

/** What somebody wants to play. */
export interface Wish {
  game: string;
  /** By id; none: whoever is here. */
  opponents: string[];
  /** Own seat, from 0. */
  seat: number;
}

export interface SeatState {
  /** free: nothing is wanted. coming: the seat is being made ready. waiting: for opponents. */
  stage: 'free' | 'coming' | 'waiting' | 'playing' | 'over' | 'refused';
  wish: Wish | null;
  agent: string | null;
  request: string | null;
  match: string | null;
  /** The newest turn. */
  turn: Turn | null;
  /** When its clock runs out, in performance.now()'s milliseconds. */
  deadline: number;
  /** The person has answered it. */
  answered: boolean;
  /** Why an answer was not accepted, in the platform's words. */
  fault: string;
  over: Over | null;
  /** Why there is no seat, or why the match came to nothing. code: of a refusal, or `voided`. */
  problem: { code: string; message: string } | null;
  connected: boolean;
}

export const FREE: SeatState = {
  stage: 'free',
  wish: null,
  agent: null,
  request: null,
  match: null,
  turn: null,
  deadline: 0,
  answered: false,
  fault: '',
  over: null,
  problem: null,
  connected: false,
};

export type Happening =
  | { what: 'wanted'; wish: Wish }
  | { what: 'seated'; agent: string; request: string }
  | { what: 'made'; match: string }
  | { what: 'turn'; turn: Turn; now: number }
  | { what: 'answered'; key: string }
  | { what: 'notice'; notice: Notice }
  | { what: 'over'; over: Over }
  | { what: 'refused'; code: string; message: string }
  | { what: 'connected'; connected: boolean }
  | { what: 'left' };

export function happened(before: SeatState, it: Happening): SeatState {
  switch (it.what) {
    case 'wanted':
      return { ...FREE, connected: before.connected, agent: before.agent, stage: 'coming', wish: it.wish };
    case 'seated':
      return { ...before, stage: before.stage === 'coming' ? 'waiting' : before.stage, ...it };
    case 'made':
      return ended(before, it.match) || before.match ? before : { ...before, stage: 'playing', match: it.match };
    case 'turn':
      return asked(before, it.turn, it.now);
    case 'answered':
      return before.turn && keyOf(before.turn) === it.key ? { ...before, answered: true, fault: '' } : before;
    case 'notice':
      return noticed(before, it.notice);
    case 'over':
      return before.match && before.match !== it.over.match
        ? before
        : { ...before, stage: 'over', match: it.over.match, over: it.over, turn: null };
    case 'refused':
      return { ...before, stage: 'refused', problem: { code: it.code, message: it.message } };
    case 'connected':
      return { ...before, connected: it.connected };
    case 'left':
      return FREE;
  }
}

const ended = (state: SeatState, match: string) => state.stage === 'over' && state.match === match;

function asked(before: SeatState, turn: Turn, now: number): SeatState {
  if (ended(before, turn.match) || (before.stage === 'playing' && before.match && before.match !== turn.match))
    return before;
  const again = before.turn !== null && keyOf(before.turn) === keyOf(turn);
  return {
    ...before,
    stage: 'playing',
    match: turn.match,
    turn,
    deadline: now + turn.left_ms,
    answered: again && before.answered,
    fault: again || turn.strikes ? before.fault : '',
  };
}

function noticed(before: SeatState, notice: Notice): SeatState {
  const mine = !notice.match || notice.match === before.match;
  if (notice.code === 'fault' && mine) return { ...before, fault: notice.message };
  if (notice.code === 'voided' && mine && before.stage === 'playing')
    return { ...before, stage: 'over', turn: null, problem: { code: 'voided', message: notice.message } };
  if ((notice.code === 'paused' || notice.code === 'quarantined') && before.stage === 'waiting')
    return { ...before, stage: 'refused', problem: { code: notice.code, message: notice.message } };
  return before;
}
