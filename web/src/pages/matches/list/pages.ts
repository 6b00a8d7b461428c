import type { Shown } from '@/api/client';

type Match = Shown<'Match'>;
export interface Page {
  items: Match[];
  next: string | null;
}
export interface Pages {
  pages: Page[];
  pageParams: unknown[];
}

/** How many of these are newer than the newest that is listed: ids begin with the time. */
export function newerThan(items: readonly Match[], pages: readonly Page[]): number {
  const newest = pages[0]?.items[0]?.id ?? '';
  return items.filter((match) => match.id > newest).length;
}

/** The same pages with what is known by now of matches that are in them. Unchanged pages stay the same objects. */
export function updated(before: Pages, known: readonly Match[]): Pages {
  const by = new Map(known.map((match) => [match.id, match]));
  const pages = before.pages.map((page) =>
    page.items.some((match) => by.has(match.id))
      ? { ...page, items: page.items.map((match) => by.get(match.id) ?? match) }
      : page,
  );
  return { ...before, pages };
}

/** Begin again with what is newest. */
export const restarted = (head: Page): Pages => ({ pages: [head], pageParams: [null] });
