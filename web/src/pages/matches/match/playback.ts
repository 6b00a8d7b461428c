// Where one looks at in a match, and how it plays.

import type { MatchRecord } from './record';

/** Steps a second at 1x. */
const STEPS_PER_S = 2;
const REAL_MS_MIN = 40;
export const SPEEDS = ['0.5', '1', '2', '4', '8', 'real'] as const;
export type Speed = (typeof SPEEDS)[number];

export interface Playback {
  /** null: the newest position, whichever that is. */
  ply: number | null;
  playing: boolean;
  speed: Speed;
}

export type Press =
  | { press: 'seek'; ply: number }
  | { press: 'by'; steps: number }
  | { press: 'newest' }
  | { press: 'toggle' }
  | { press: 'tick' }
  | { press: 'speed'; speed: Speed };

/** A match as far as it is known: its newest position, and whether more may come. */
export interface Length {
  last: number;
  over: boolean;
}

export const shownPly = ({ ply }: Playback, last: number): number => (ply === null ? last : Math.min(ply, last));

/** Whether the newest position is followed, for which there must be more to come. */
export const follows = (playback: Playback, { over }: Length): boolean => !over && playback.ply === null;

/** What follows from pressing something. */
export function pressed(playback: Playback, press: Press, { last, over }: Length): Playback {
  const at = shownPly(playback, last);
  switch (press.press) {
    case 'speed':
      return { ...playback, speed: press.speed };
    case 'newest':
      return { ...playback, ply: null, playing: false };
    case 'seek':
      return { ...playback, ply: clamp(press.ply, last), playing: false };
    case 'by':
      return { ...playback, ply: clamp(at + press.steps, last), playing: false };
    case 'toggle':
      if (playback.playing) return { ...playback, ply: at, playing: false };
      if (at < last) return { ...playback, ply: at, playing: true };
      return over ? { ...playback, ply: 0, playing: last > 0 } : { ...playback, ply: null, playing: false };
    case 'tick':
      if (!playback.playing) return playback;
      if (at + 1 < last) return { ...playback, ply: at + 1 };
      // At its end a replay stops; of a match that goes on it has caught up, and follows.
      return { ...playback, ply: over ? last : null, playing: false };
  }
}

/** How long a position stays while it plays, in milliseconds. Real time: as long as the next step was thought about. */
export function staysMs(record: MatchRecord, ply: number, speed: Speed): number {
  if (speed !== 'real') return 1_000 / STEPS_PER_S / Number(speed);
  const thought = record.steps[ply]?.moves.map((move) => move.think_ms + move.lag_ms) ?? [];
  return Math.max(REAL_MS_MIN, ...thought);
}

const clamp = (ply: number, last: number) => Math.max(0, Math.min(Math.round(ply), last));

/** What a key does on this page; null: nothing. */
export function keyed(key: string, shift = false): Press | null {
  switch (key) {
    case 'ArrowLeft':
      return { press: 'by', steps: shift ? -10 : -1 };
    case 'ArrowRight':
      return { press: 'by', steps: shift ? 10 : 1 };
    case 'Home':
      return { press: 'seek', ply: 0 };
    case 'End':
      return { press: 'newest' };
    case ' ':
      return { press: 'toggle' };
    default:
      return null;
  }
}
