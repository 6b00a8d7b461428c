import type { Shown } from '@/api/client';

export type ListedGame = Shown<'ListedGame'>;

/** What a row of the catalogue says beside its columns; what it leaves out is as docs/games.md says. */
export interface Details {
  kind: string;
  environment: string;
  arguments: Record<string, unknown>;
  version: string;
  packages: string[];
  tags: string[];
  teams: number[][];
  cooperative: boolean;
  full_observation: boolean;
  perfect_information: boolean;
  determinism: 'everywhere' | 'machine' | 'none';
  plies_max: number;
  frames: boolean;
  clock: { move_ms: number; bank_ms: number; increment_ms: number; lag_ms_max: number; progress_ms: number };
  faults: { strikes_max: number; gone_grace_ms: number; plays_on: boolean };
}

const CLOCK: Details['clock'] = { move_ms: 10_000, bank_ms: 0, increment_ms: 0, lag_ms_max: 200, progress_ms: 0 };
const FAULTS: Details['faults'] = { strikes_max: 2, gone_grace_ms: 10_000, plays_on: false };

export function detailsOf(game: Pick<ListedGame, 'details'>): Details {
  const given = game.details as Partial<Details>;
  return {
    kind: '',
    environment: '',
    arguments: {},
    version: '',
    packages: [],
    tags: [],
    teams: [],
    cooperative: false,
    full_observation: false,
    perfect_information: false,
    determinism: 'everywhere',
    plies_max: 0,
    frames: false,
    ...given,
    clock: { ...CLOCK, ...given.clock },
    faults: { ...FAULTS, ...given.faults },
  };
}

const FAMILIES: Record<string, string> = {
  pettingzoo: 'PettingZoo',
  gymnasium: 'Gymnasium',
  mpe2: 'MPE2',
  'arena.games.openspiel': 'OpenSpiel',
  'arena.games.textarena': 'TextArena',
};

/** Where a game comes from: the package that plays it. */
export function familyOf({ environment }: Pick<Details, 'environment'>): string {
  const module = environment.split(':')[0] ?? '';
  const package_ = module.split('.')[0] ?? '';
  return FAMILIES[module] ?? FAMILIES[package_] ?? (package_ === 'arena' ? 'Arena' : package_);
}

/** Who plays with whom. */
export const sideOf = ({ teams, cooperative }: Details) =>
  cooperative ? ('together' as const) : teams.length > 0 ? ('teams' as const) : ('alone' as const);
