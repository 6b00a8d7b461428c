import type { Shown } from '@/api/client';
import type { Message } from '@/live/socket';

/** The newest position of a match that is played. */
export type Position = Shown<'ReplayFrame'>;

/** What is known of a match that is followed by its board. */
export interface Following {
  state: 'connecting' | 'live' | 'over' | 'refused';
  position: Position | null;
  /** When it came here, in performance.now()'s milliseconds. */
  since: number;
  /** over: how; refused: why, in the platform's words. */
  detail: string;
}

export const BEGINNING: Following = { state: 'connecting', position: null, since: 0, detail: '' };

/** The next state, after a message of the subscription. now: performance.now(). */
export function followed(before: Following, message: Message, now: number): Following {
  switch (message.op) {
    case 'frame':
      return { state: 'live', position: message.frame as Position, since: now, detail: '' };
    case 'ended':
      return { ...before, state: 'over', detail: String(message.kind ?? 'ended') };
    case 'refused':
      // A connection that came back asks again for what has ended meanwhile.
      return before.state === 'over' ? before : { ...before, state: 'refused', detail: message.detail ?? '' };
    default:
      return before;
  }
}
