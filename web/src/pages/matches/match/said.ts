// What agents say beside their moves, put together from the pieces in which it comes.

import type { Shown } from '@/api/client';

export type Utterance = Shown<'Utterance'>;
export type Kind = Utterance['kind'];

/** A piece of it, as the live connection tells (`op: said`). */
export interface Piece {
  seq: number;
  at_ms: number;
  seat: number;
  ply: number;
  kind: Kind;
  text: string;
  share: number | null;
  done: boolean;
}

export interface Talk {
  /** Of the last piece that is in here. */
  seq: number;
  /** In the order in which they began. */
  utterances: Utterance[];
}

export const SILENCE: Talk = { seq: 0, utterances: [] };

/** The talk with one piece more; one that is in it already changes nothing. */
export function hear(talk: Talk, piece: Piece): Talk {
  if (piece.seq <= talk.seq) return talk;
  const index = talk.utterances.findLastIndex(
    (one) => one.ply === piece.ply && one.seat === piece.seat && one.kind === piece.kind,
  );
  const begun = talk.utterances[index];
  const whole: Utterance = begun
    ? {
        ...begun,
        text: begun.text + piece.text,
        share: piece.share ?? begun.share,
        done: begun.done || piece.done,
        seq: piece.seq,
      }
    : { ...piece };
  const utterances = begun ? talk.utterances.with(index, whole) : [...talk.utterances, whole];
  return { seq: piece.seq, utterances };
}

/** What had been said when the match stood at a position, its own turns included. */
export const saidUntil = (utterances: readonly Utterance[], ply: number): Utterance[] =>
  utterances.filter((one) => one.ply <= ply).sort((a, b) => a.ply - b.ply || a.at_ms - b.at_ms || a.seq - b.seq);
