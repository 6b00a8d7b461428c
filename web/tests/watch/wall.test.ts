import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arranged, ended, fitting, HELD_MS, type Item, type Wall } from '@/pages/watch/wall';

const item = (match: string): Item => ({
  match,
  game: 'chess',
  title: 'Chess',
  board: true,
  started_ms: 0,
  plies: 0,
  score: 0.5,
  why: ['board', 'close'],
  seats: [],
});
const items = (...matches: string[]) => matches.map(item);
const shown = (wall: Wall) => wall.map((place) => place?.item.match ?? null);

describe('a wall of matches', () => {
  test('begins with the best', () => {
    expect(shown(arranged([], items('a', 'b', 'c'), 2, 0))).toEqual(['a', 'b']);
  });

  test('keeps who has a place, whatever is better by now', () => {
    const wall = arranged([], items('a', 'b'), 2, 0);
    expect(shown(arranged(wall, items('c', 'd', 'b', 'a'), 2, 1))).toEqual(['a', 'b']);
  });

  test('shows a result for a while, then the next match at the same place', () => {
    const over = ended(arranged([], items('a', 'b', 'c'), 3, 0), 'b', 1_000);
    expect(shown(arranged(over, items('a', 'c', 'd'), 3, 1_000 + HELD_MS - 1))).toEqual(['a', 'b', 'c']);
    expect(shown(arranged(over, items('a', 'c', 'd'), 3, 1_000 + HELD_MS))).toEqual(['a', 'd', 'c']);
  });

  test('does not show a match again whose end the tables do not know yet', () => {
    const over = ended(arranged([], items('a'), 1, 0), 'a', 0);
    expect(shown(arranged(over, items('a'), 1, HELD_MS))).toEqual([]);
  });

  test('is the same object where nothing changed, so that nothing is drawn anew', () => {
    const wall = arranged([], items('a', 'b'), 2, 0);
    expect(arranged(wall, items('b', 'a'), 2, 5)).toBe(wall);
  });

  test('never moves a match that is played, and shows none twice', () => {
    const matches = fc.constantFrom(...'abcdefgh');
    const step = fc.record({
      best: fc.uniqueArray(matches),
      over: fc.option(matches, { nil: undefined }),
      after: fc.integer({ min: 0, max: 2 * HELD_MS }),
    });
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 6 }), (steps, size) => {
        let [wall, now]: [Wall, number] = [[], 0];
        for (const { best, over, after } of steps) {
          now += after;
          if (over) wall = ended(wall, over, now);
          const next = arranged(wall, items(...best), size, now);
          wall.forEach((place, at) => {
            if (place?.endedAt === null) expect(next[at]?.item.match).toBe(place.item.match);
          });
          const there = shown(next).filter((match) => match !== null);
          expect(new Set(there).size).toBe(there.length);
          expect(next.length).toBeLessThanOrEqual(size);
          wall = next;
        }
      }),
    );
  });

  test('fills a screen', () => {
    expect(fitting(390, 844)).toBe(4);
    expect(fitting(1280, 800)).toBe(9);
    expect(fitting(3840, 2160)).toBe(24);
  });
});
