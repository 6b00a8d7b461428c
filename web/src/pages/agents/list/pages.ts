// A long list in pages, of which single ones are asked for again.
import type { InfiniteData } from '@tanstack/react-query';

interface Page<Item> {
  items: Item[];
  next?: string | null;
}

export type Row<Item> = Item & { page: number };

/** All rows in order, each with the page it came by; an item that two pages have is shown once. */
export function rowsOf<Item extends { id: string }>(pages: Page<Item>[]): Row<Item>[] {
  const known = new Set<string>();
  const rows: Row<Item>[] = [];
  pages.forEach(({ items }, page) => {
    for (const item of items) {
      if (known.has(item.id)) continue;
      known.add(item.id);
      rows.push({ ...item, page });
    }
  });
  return rows;
}

/** The list with this page as it is now; null: it begins or ends elsewhere, and what follows no longer fits. */
export function merged<Item, Param>(
  list: InfiniteData<Page<Item>, Param>,
  index: number,
  page: Page<Item>,
): InfiniteData<Page<Item>, Param> | null {
  const before = list.pages[index];
  if (!before) return null;
  const last = index === list.pages.length - 1;
  if (!last && page.next !== before.next) return null;
  return { ...list, pages: list.pages.map((one, at) => (at === index ? page : one)) };
}
