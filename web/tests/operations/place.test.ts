import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromLocal, toLocal } from '@/pages/operations/localTime';
import { place } from '@/pages/operations/place';
import { rightsOver } from '@/pages/operations/rights';

test('an address says which tab and which entries', () => {
  expect(place({ tab: 'audit', user: 'u', status: 403, since: 17, locked: false })).toEqual({
    tab: 'audit',
    user: 'u',
    status: 403,
    since: 17,
    locked: false,
  });
});

test('a search for digits is a text', () => expect(place({ search: 2026 })).toEqual({ search: '2026' }));

test('what is not known in an address is as if it were not there, whatever it is', () => {
  expect(place({ tab: 'secrets', status: 'all', locked: 'yes', role: 7, other: 1 })).toEqual({});
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (raw) => {
      expect(place(place(raw) as Record<string, unknown>)).toEqual(place(raw));
    }),
  );
});

test('a minute of the local time comes back as it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60_000_000 }), (minutes) => {
      const text = toLocal(minutes * 60_000);
      expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
      expect(toLocal(fromLocal(text))).toBe(text);
    }),
  );
  expect([toLocal(undefined), fromLocal(''), fromLocal('2026-13-')]).toEqual(['', undefined, undefined]);
});

test.each([
  ['operator', 'user', { lock: null, recover: null, role: 'admins' }],
  ['operator', 'operator', { lock: 'admins', recover: 'admins', role: 'admins' }],
  ['operator', 'house', { lock: 'house', recover: 'house', role: 'house' }],
  ['admin', 'admin', { lock: null, recover: null, role: null }],
  ['admin', 'user', { lock: null, recover: null, role: null }],
] as const)('what %s may do to another %s', (mine, role, expected) => {
  expect(rightsOver({ id: 'me', name: 'me', role: mine }, { id: 'other', role })).toEqual(expected);
});

test('nobody locks themselves out', () => {
  expect(rightsOver({ id: 'me', name: 'me', role: 'admin' }, { id: 'me', role: 'admin' }).lock).toBe('self');
});
