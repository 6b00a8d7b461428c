import { one, text, whole } from '@/parts/search';

// What of a comparison stands in its address.

export const VIEWS = ['duel', 'requests'] as const;

export interface CompareSearch {
  game?: string;
  /** Agents' ids. */
  a?: string;
  b?: string;
  /** Only these versions of them. */
  av?: number;
  bv?: number;
  view?: (typeof VIEWS)[number];
}

export const compareSearch = (found: Record<string, unknown>): CompareSearch => ({
  game: text(found.game),
  a: text(found.a),
  b: text(found.b),
  av: whole(found.av),
  bv: whole(found.bv),
  view: one(found.view, VIEWS),
});
