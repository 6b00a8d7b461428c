import type { Shown } from '@/api/client';
import { detailsOf, familyOf, type ListedGame, sideOf } from './details';
import type { CatalogueSearch } from './search';

export type Activity = Shown<'Activity'>;

/** A game as the catalogue shows and finds it. */
export interface Entry {
  game: ListedGame;
  activity?: Activity;
  family: string;
  tags: string[];
  hidden: boolean;
  side: 'alone' | 'teams' | 'together';
  /** All words it is found by, in small letters. */
  words: string;
}

/** Those that somebody plays first, then by title: an order that does not change while one looks. */
export function entriesOf(games: ListedGame[], activities: Activity[], locale: string): Entry[] {
  const by = new Map(activities.map((one) => [one.game, one]));
  const entries = games.map((game) => {
    const details = detailsOf(game);
    const family = familyOf(details);
    return {
      game,
      activity: by.get(game.name),
      family,
      tags: details.tags,
      hidden: !details.perfect_information,
      side: sideOf(details),
      words: [game.title, game.name, family, ...details.tags].join(' ').toLowerCase(),
    };
  });
  const played = (entry: Entry) => ((entry.activity?.agents ?? 0) > 0 ? 0 : 1);
  return entries.sort((a, b) => played(a) - played(b) || a.game.title.localeCompare(b.game.title, locale));
}

/** Whether a game is among what is looked for. */
export function fits(entry: Entry, wanted: CatalogueSearch): boolean {
  const { game, activity } = entry;
  const words = (wanted.q ?? '').toLowerCase().split(/\s+/);
  return (
    words.every((word) => entry.words.includes(word)) &&
    (!wanted.seats || (wanted.seats === '4' ? game.seats >= 4 : game.seats === Number(wanted.seats))) &&
    (!wanted.family || entry.family === wanted.family) &&
    (wanted.tags ?? []).every((tag) => entry.tags.includes(tag)) &&
    (!wanted.sight || entry.hidden === (wanted.sight === 'hidden')) &&
    (!wanted.side || entry.side === wanted.side) &&
    (!wanted.actions || game.actions.includes(wanted.actions)) &&
    (!wanted.now || (activity?.running ?? 0) > 0)
  );
}

/** Every value of a facet with how many games have it, most first. */
export function counted(entries: Entry[], values: (entry: Entry) => string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const entry of entries) for (const value of values(entry)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
}
