import { expect, test } from 'vitest';
import { watchSearch } from '@/pages/watch/search';

test('an address says the game, how many boards, and TV mode', () => {
  expect(watchSearch({ game: 'chess', many: 24, tv: true })).toEqual({ game: 'chess', many: 24, tv: true });
});

test('what makes no sense in an address is left out', () => {
  expect(watchSearch({ game: '', many: 7, tv: 'perhaps' as unknown })).toEqual({
    game: undefined,
    many: undefined,
    tv: undefined,
  });
});
