import { expect, it } from 'vitest';
import type { Shown } from '@/api/client';
import { newerThan, type Pages, restarted, updated } from '@/pages/matches/list/pages';
import { SPANS, wantedOf } from '@/pages/matches/list/search';

const match = (id: string, status: Shown<'Match'>['status'] = 'ended') => ({ id, status }) as Shown<'Match'>;
const before: Pages = {
  pages: [
    { items: [match('m5', 'running'), match('m4')], next: 'm4' },
    { items: [match('m3')], next: null },
  ],
  pageParams: [undefined, 'm4'],
};

it('what is listed changes in its place, what is new waits', () => {
  const head = [match('m7'), match('m6'), match('m5')];
  expect(newerThan(head, before.pages)).toBe(2);
  const after = updated(before, head);
  expect(after.pages.flatMap((page) => page.items).map((one) => [one.id, one.status])).toEqual([
    ['m5', 'ended'],
    ['m4', 'ended'],
    ['m3', 'ended'],
  ]);
  expect(after.pages[1]).toBe(before.pages[1]);
  expect(newerThan(head, [])).toBe(3);
});

it('begins again at the top', () => {
  expect(restarted({ items: [match('m7')], next: 'm7' })).toEqual({
    pages: [{ items: [match('m7')], next: 'm7' }],
    pageParams: [null],
  });
});

it('is asked for as the API takes it', () => {
  const now = 1_700_000_012_345;
  const found = wantedOf({ user: 'mine', since: 'hour', game: 'chess' }, 'u1', now);
  expect(found).toMatchObject({ user: 'u1', game: 'chess' });
  expect(found).not.toHaveProperty('since');
  expect(found.since_ms).toBeLessThanOrEqual(now - SPANS.hour);
  expect(found.since_ms).toBeGreaterThan(now - SPANS.hour - 60_000);
  expect(wantedOf({ user: 'u2' }, undefined, now)).toMatchObject({ user: 'u2', since_ms: undefined });
});
