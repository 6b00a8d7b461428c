import { describe, expect, it } from 'vitest';
import { merged, rowsOf } from '@/pages/agents/list/pages';

const page = (ids: string[], next: string | null) => ({ items: ids.map((id) => ({ id })), next });
const list = {
  pages: [page(['f', 'e'], 'e'), page(['d', 'c'], 'c'), page(['b'], null)],
  pageParams: [null, 'e', 'c'],
};

describe('a long list of which single pages are asked for again', () => {
  it('has rows that know their page', () => {
    expect(rowsOf(list.pages).map(({ id, page: at }) => `${id}${at}`)).toEqual(['f0', 'e0', 'd1', 'c1', 'b2']);
  });

  it('shows what two pages have once', () => {
    expect(rowsOf([page(['b', 'a'], 'a'), page(['a'], null)]).map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('takes a page that ends where it ended', () => {
    const now = page(['D', 'c'], 'c');
    const after = merged(list, 1, now);
    expect(after?.pages[1]).toBe(now);
    expect(after?.pages[0]).toBe(list.pages[0]);
  });

  it('does not fit once a page ends elsewhere: something was made or deleted', () => {
    expect(merged(list, 0, page(['g', 'f'], 'f'))).toBeNull();
    expect(merged(list, 7, page([], null))).toBeNull();
  });

  it('may grow at its end', () => {
    expect(merged(list, 2, page(['b', 'a'], null))?.pages[2]?.items).toHaveLength(2);
  });
});
