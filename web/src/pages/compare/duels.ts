import type { Shown } from '@/api/client';

export type Duel = Shown<'Duel'>;

/** What came of some matches of two agents, seen from the first. */
export interface Tally {
  played: number;
  ahead: number;
  level: number;
  behind: number;
}

const NONE: Tally = { played: 0, ahead: 0, level: 0, behind: 0 };

export const tallyOf = (duels: readonly Tally[]): Tally =>
  duels.reduce(
    (sum, one) => ({
      played: sum.played + one.played,
      ahead: sum.ahead + one.ahead,
      level: sum.level + one.level,
      behind: sum.behind + one.behind,
    }),
    NONE,
  );

/** Points won: a draw is half of one. */
export const points = (tally: Tally) => tally.ahead + tally.level / 2;

/** Of these versions only; undefined: all. */
export const ofVersions = (duels: readonly Duel[], version: number | undefined, opponent: number | undefined) =>
  duels.filter(
    (one) =>
      (version === undefined || one.version === version) &&
      (opponent === undefined || one.opponent_version === opponent),
  );

/** The same put together by a key, in the order of the keys. */
export function grouped(duels: readonly Duel[], key: (duel: Duel) => string): [string, Tally][] {
  const groups = new Map<string, Duel[]>();
  for (const duel of duels) groups.set(key(duel), [...(groups.get(key(duel)) ?? []), duel]);
  return [...groups]
    .map(([name, found]): [string, Tally] => [name, tallyOf(found)])
    .sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
}

export const versionsOf = (duels: readonly Duel[], of: 'version' | 'opponent_version') =>
  [...new Set(duels.map((duel) => duel[of]))].sort((a, b) => b - a);
