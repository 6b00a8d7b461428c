import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  follows,
  keyed,
  type Length,
  type Playback,
  type Press,
  pressed,
  SPEEDS,
  shownPly,
  staysMs,
} from '@/pages/matches/match/playback';
import { EMPTY, fold } from '@/pages/matches/match/record';
import { logged } from './logs';

const START: Playback = { ply: null, playing: false, speed: '1' };
const presses: fc.Arbitrary<Press> = fc.oneof(
  fc.record({ press: fc.constant('seek' as const), ply: fc.integer({ min: -50, max: 50 }) }),
  fc.record({ press: fc.constant('by' as const), steps: fc.integer({ min: -10, max: 10 }) }),
  fc.constantFrom<Press>({ press: 'newest' }, { press: 'toggle' }, { press: 'tick' }),
);
const press = (playback: Playback, length: Length, ...all: Press[]) =>
  all.reduce((before, one) => pressed(before, one, length), playback);

test('whatever is pressed, while moves come, the position is one of the match', () => {
  const story = fc.array(fc.oneof(presses, fc.constant('moved' as const), fc.constant('over' as const)));
  fc.assert(
    fc.property(story, (all) => {
      let playback = START;
      let length = { last: 0, over: false };
      for (const one of all) {
        if (one === 'moved') length = { ...length, last: length.last + (length.over ? 0 : 1) };
        else if (one === 'over') length = { ...length, over: true };
        else playback = pressed(playback, one, length);
        expect(shownPly(playback, length.last)).toBeGreaterThanOrEqual(0);
        expect(shownPly(playback, length.last)).toBeLessThanOrEqual(length.last);
      }
    }),
  );
});

describe('a match that goes on', () => {
  const live = { last: 10, over: false };

  test('is followed until one looks elsewhere, and again by a button', () => {
    expect(follows(START, live)).toBe(true);
    const back = press(START, live, { press: 'by', steps: -1 });
    expect(back).toMatchObject({ ply: 9, playing: false });
    expect(follows(back, live)).toBe(false);
    expect(shownPly(back, 11)).toBe(9);
    expect(follows(press(back, live, { press: 'newest' }), live)).toBe(true);
  });

  test('that plays catches up, and is followed then', () => {
    const played = press(START, live, { press: 'seek', ply: 8 }, { press: 'toggle' }, { press: 'tick' });
    expect(played).toMatchObject({ ply: 9, playing: true });
    expect(follows(press(played, live, { press: 'tick' }), live)).toBe(true);
  });
});

describe('a match that is over', () => {
  const over = { last: 3, over: true };

  test('is never followed', () => expect(follows(START, over)).toBe(false));

  test('plays from its beginning once it is at its end, and stops there', () => {
    const begun = press(START, over, { press: 'toggle' });
    expect(begun).toMatchObject({ ply: 0, playing: true });
    const ended = press(begun, over, { press: 'tick' }, { press: 'tick' }, { press: 'tick' });
    expect(ended).toMatchObject({ ply: 3, playing: false });
  });

  test('without a step does not play', () =>
    expect(press(START, { last: 0, over: true }, { press: 'toggle' }).playing).toBe(false));
});

test('each speed is as fast as it says; real time is as long as the next step was thought about', () => {
  const record = fold(
    EMPTY,
    logged([
      { kind: 'created', seats: [{}, {}] },
      { kind: 'moved', ply: 0, moves: [{ seat: 0, think_ms: 700, lag_ms: 20 }, { seat: 1 }], rewards: [0, 0] },
    ]),
  );
  expect(SPEEDS.map((speed) => staysMs(record, 0, speed))).toEqual([1_000, 500, 250, 125, 62.5, 720]);
  expect(staysMs(record, 1, 'real')).toBeLessThan(100);
});

test('keys', () => {
  expect(['ArrowLeft', 'ArrowRight', 'Home', 'End', ' ', 'a'].map((key) => keyed(key))).toEqual([
    { press: 'by', steps: -1 },
    { press: 'by', steps: 1 },
    { press: 'seek', ply: 0 },
    { press: 'newest' },
    { press: 'toggle' },
    null,
  ]);
  expect(keyed('ArrowLeft', true)).toEqual({ press: 'by', steps: -10 });
});
