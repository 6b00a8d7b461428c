import { text, whole, yes } from '@/parts/search';

/** How many boards one may ask for; none of them: as many as fit the screen. */
export const MANY = [6, 24, 60];

/** What of the page is in its address. */
export interface Search {
  game?: string;
  many?: number;
  tv?: true;
}

export function watchSearch(given: Record<string, unknown>): Search {
  const many = whole(given.many);
  return {
    game: text(given.game),
    many: many !== undefined && MANY.includes(many) ? many : undefined,
    tv: yes(given.tv),
  };
}
