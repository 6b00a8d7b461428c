import { describe, expect, it } from 'vitest';
import { keyOf, type Turn } from '@/pages/play/seat/messages';
import { FREE, type Happening, happened, type SeatState } from '@/pages/play/seat/state';

const WISH = { game: 'tictactoe', opponents: ['bot'], seat: 0 };
const turn = (ply: number, more: Partial<Turn> = {}): Turn => ({
  match: 'm1',
  game: 'tictactoe',
  seat: 0,
  ply,
  observation: [],
  left_ms: 600_000,
  ...more,
});
const OVER = { match: 'm1', seat: 0, placement: 1, scores: [1, -1], placements: [1, 2], cause: 'finished' };
const fold = (...all: Happening[]): SeatState => all.reduce(happened, FREE);
const SEATED: Happening[] = [
  { what: 'wanted', wish: WISH },
  { what: 'seated', agent: 'a1', request: 'r1' },
];

describe('a seat', () => {
  it('waits, plays and ends', () => {
    const waiting = fold(...SEATED);
    expect(waiting).toMatchObject({ stage: 'waiting', agent: 'a1', request: 'r1' });
    const playing = happened(waiting, { what: 'turn', turn: turn(0), now: 1_000 });
    expect(playing).toMatchObject({ stage: 'playing', match: 'm1', deadline: 601_000, answered: false });
    const answered = happened(playing, { what: 'answered', key: keyOf(turn(0)) });
    expect(answered.answered).toBe(true);
    expect(happened(answered, { what: 'over', over: OVER })).toMatchObject({ stage: 'over', turn: null, over: OVER });
  });

  it('may get its first turn before the request is answered', () => {
    const early = fold({ what: 'wanted', wish: WISH }, { what: 'turn', turn: turn(0), now: 0 });
    expect(happened(early, SEATED[1] as Happening)).toMatchObject({ stage: 'playing', request: 'r1' });
  });

  it('knows its match although the opponent begins', () => {
    expect(fold(...SEATED, { what: 'made', match: 'm1' })).toMatchObject({ stage: 'playing', match: 'm1' });
  });

  it('is asked again after a fault, and says why', () => {
    const asked = fold(...SEATED, { what: 'turn', turn: turn(2), now: 0 }, { what: 'answered', key: keyOf(turn(2)) });
    const faulty = happened(asked, { what: 'notice', notice: { code: 'fault', message: 'illegal', match: 'm1' } });
    const again = happened(faulty, { what: 'turn', turn: turn(2, { strikes: 1 }), now: 5 });
    expect(again).toMatchObject({ answered: false, fault: 'illegal' });
    expect(happened(again, { what: 'turn', turn: turn(4), now: 9 }).fault).toBe('');
  });

  it('leaves a match that was voided', () => {
    const playing = fold(...SEATED, { what: 'turn', turn: turn(0), now: 0 });
    const notice = { code: 'voided', message: 'the game broke', match: 'm1' };
    expect(happened(playing, { what: 'notice', notice })).toMatchObject({ stage: 'over', over: null });
    expect(happened(playing, { what: 'notice', notice: { ...notice, match: 'other' } })).toBe(playing);
  });

  it('minds no turn of a match that is over', () => {
    const over = fold(...SEATED, { what: 'turn', turn: turn(0), now: 0 }, { what: 'over', over: OVER });
    expect(happened(over, { what: 'turn', turn: turn(2), now: 0 })).toBe(over);
    expect(happened(over, { what: 'made', match: 'm1' })).toBe(over);
  });
});
