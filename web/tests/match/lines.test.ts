import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { actionText, lineAt, linesOf } from '@/pages/matches/match/lines';
import { EMPTY, fold } from '@/pages/matches/match/record';
import { logs } from './logs';

test('every move, fault and takeover has its line, in order, and each position its own', () => {
  fc.assert(
    fc.property(logs, ({ events }) => {
      const record = fold(EMPTY, events);
      const lines = linesOf(record);
      const moves = record.steps.flatMap((step) => step.moves);
      expect(lines.length).toBe(moves.length + record.faults.length + record.takeovers.length);
      expect(lines.map((line) => line.shows)).toEqual(lines.map((line) => line.shows).sort((a, b) => a - b));
      expect(lineAt(lines, 0)).toBe(-1);
      for (const step of record.steps) {
        const line = lines[lineAt(lines, step.ply + 1)];
        expect(line).toMatchObject({ what: 'move', first: true, shows: step.ply + 1 });
      }
    }),
  );
});

test('actions in few characters', () => {
  expect(actionText(3)).toBe('3');
  expect(actionText(0.123456789)).toBe('0.1235');
  expect(actionText([1, [0.5, 2]])).toBe('[1, [0.5, 2]]');
  expect(actionText(' [Offer:\n 3] ')).toBe('[Offer: 3]');
  expect(actionText({ to: 1 })).toBe('{"to":1}');
  expect(actionText(undefined)).toBeNull();
});
