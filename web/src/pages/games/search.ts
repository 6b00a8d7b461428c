import { one, several, text, whole, yes } from '@/parts/search';

// What of the pages of games stands in their addresses.

export const SEATS = ['1', '2', '3', '4'] as const; // 4: and more
export const SIDES = ['alone', 'teams', 'together'] as const;
export const SIGHTS = ['open', 'hidden'] as const;
export const ACTIONS = ['discrete', 'continuous', 'text', 'several'] as const;

export interface CatalogueSearch {
  q?: string;
  seats?: (typeof SEATS)[number];
  family?: string;
  tags?: string[];
  sight?: (typeof SIGHTS)[number];
  side?: (typeof SIDES)[number];
  actions?: (typeof ACTIONS)[number];
  now?: true;
}

export const catalogueSearch = (found: Record<string, unknown>): CatalogueSearch => ({
  q: text(found.q),
  seats: one(text(found.seats), SEATS),
  family: text(found.family),
  tags: several(found.tags),
  sight: one(found.sight, SIGHTS),
  side: one(found.side, SIDES),
  actions: one(found.actions, ACTIONS),
  now: yes(found.now),
});

export const TABS = ['rules', 'replay', 'leaderboard', 'pairings', 'ratings'] as const;
export type Tab = (typeof TABS)[number];
export const WHOSE = ['house', 'others', 'mine'] as const;
export type Whose = (typeof WHOSE)[number];

export interface GameSearch {
  tab?: Tab;
  /** Of the leaderboard. */
  name?: string;
  whose?: Whose;
  settled?: true;
  /** The agent whose versions and seats are shown. */
  form?: string;
  /** How many agents the matrix has. */
  top?: number;
  /** Of the replay. */
  match?: string;
  ply?: number;
}

export const gameSearch = (found: Record<string, unknown>): GameSearch => ({
  tab: one(found.tab, TABS),
  name: text(found.name),
  whose: one(found.whose, WHOSE),
  settled: yes(found.settled),
  form: text(found.form),
  top: whole(found.top, 2),
  match: text(found.match),
  ply: whole(found.ply, 0),
});
