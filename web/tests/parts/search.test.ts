import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareSearch } from '@/pages/compare/search';
import { catalogueSearch, gameSearch } from '@/pages/games/search';
import { matchesSearch } from '@/pages/matches/list/search';
import { one, several, text, whole, yes } from '@/parts/search';

it('understands what is right and leaves out the rest', () => {
  expect([text('a'), text(7), text(''), text({})]).toEqual(['a', '7', undefined, undefined]);
  expect([yes(true), yes('true'), yes(false)]).toEqual([true, undefined, undefined]);
  expect([whole(3), whole(0), whole(0, 0), whole(1.5)]).toEqual([3, undefined, 0, undefined]);
  expect([one('b', ['a', 'b']), one('c', ['a', 'b'])]).toEqual(['b', undefined]);
  expect([several(['a', 'a', 'b']), several('a'), several(undefined), several([])]).toEqual([
    ['a', 'b'],
    ['a'],
    undefined,
    undefined,
  ]);
});

it.each([catalogueSearch, gameSearch, matchesSearch, compareSearch])(
  'whatever stands in an address, %o reads it',
  (read) => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (found) => {
        const understood = read(found);
        expect(read({ ...understood })).toEqual(understood);
      }),
    );
  },
);
