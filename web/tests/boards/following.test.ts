import { describe, expect, test } from 'vitest';
import { extentOf, grown } from '@/boards/extent';
import { BEGINNING, followed } from '@/boards/following';
import { boardOf } from '@/boards/types';

const frame = { ply: 3, text: 'a\nb', board: null, to_act: [1], scores: [], rewards: [], moves: [], views: [] };
const live = followed(BEGINNING, { op: 'frame', id: '1', frame }, 5);

describe('following a match by its board', () => {
  test('shows the newest position', () => {
    expect(live).toMatchObject({ state: 'live', since: 5, position: { ply: 3 } });
  });

  test('keeps the last position when the match is over', () => {
    const over = followed(live, { op: 'ended', id: '1', kind: 'ended' }, 9);
    expect(over).toMatchObject({ state: 'over', detail: 'ended', position: { ply: 3 } });
    expect(followed(over, { op: 'refused', id: '1', detail: 'it is over' }, 10)).toBe(over);
  });

  test('says why there is nothing', () => {
    expect(followed(BEGINNING, { op: 'refused', id: '1', detail: 'hidden' }, 1)).toMatchObject({
      state: 'refused',
      detail: 'hidden',
    });
  });

  test('changes nothing for what it does not know', () => {
    expect(followed(live, { op: 'subscribed', id: '1' }, 9)).toBe(live);
  });

  test('a position without a drawing is its text', () => {
    expect(boardOf(frame)).toEqual({ parts: [{ part: 'lines', lines: ['a', 'b'] }] });
  });
});

test('the place of a board only grows', () => {
  const small = extentOf({ parts: [{ part: 'lines', lines: ['a'] }] });
  const large = extentOf({ parts: [{ part: 'lines', lines: ['a longer line', 'b'] }] });
  expect(grown(large, small)).toBe(large);
  expect(grown(small, large)).toEqual(large);
});
