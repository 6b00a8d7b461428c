import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hear, type Piece, SILENCE, saidUntil } from '@/pages/matches/match/said';

const pieces = fc
  .array(
    fc.record({
      seat: fc.nat(2),
      ply: fc.nat(4),
      kind: fc.constantFrom('thinking' as const, 'progress' as const, 'commentary' as const),
      text: fc.string({ maxLength: 4 }),
      share: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      done: fc.boolean(),
    }),
  )
  .map((all): Piece[] => all.map((one, index) => ({ ...one, seq: 5 + index * 2, at_ms: 100 + index })));

test('words of one kind, seat and ply are put together in their order', () => {
  fc.assert(
    fc.property(pieces, (all) => {
      const talk = all.reduce(hear, SILENCE);
      const key = (one: { seat: number; ply: number; kind: string }) => `${one.seat} ${one.ply} ${one.kind}`;
      expect(new Set(talk.utterances.map(key)).size).toBe(talk.utterances.length);
      for (const one of talk.utterances) {
        const own = all.filter((piece) => key(piece) === key(one));
        expect(one.text).toBe(own.map((piece) => piece.text).join(''));
        expect(one.at_ms).toBe(own[0]?.at_ms);
        expect(one.done).toBe(own.some((piece) => piece.done));
        expect(one.share).toBe(own.findLast((piece) => piece.share !== null)?.share ?? null);
      }
    }),
  );
});

test('what a connection that came back tells again changes nothing', () => {
  fc.assert(
    fc.property(pieces, fc.nat(), (all, from) => {
      const talk = all.reduce(hear, SILENCE);
      expect(all.slice(from % (all.length + 1)).reduce(hear, talk)).toEqual(talk);
    }),
  );
});

test('at a position only what was said until then is told, by ply', () => {
  const piece = (seq: number, ply: number): Piece => ({
    ...{ seq, ply, at_ms: seq, seat: 0, kind: 'commentary', text: `${ply}`, share: null, done: true },
  });
  const { utterances } = [piece(1, 3), piece(2, 0), piece(3, 5)].reduce(hear, SILENCE);
  expect(saidUntil(utterances, 3).map((one) => one.text)).toEqual(['0', '3']);
});
