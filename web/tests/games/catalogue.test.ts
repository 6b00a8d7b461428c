import { describe, expect, it } from 'vitest';
import { counted, entriesOf, fits } from '@/pages/games/catalogue';
import type { ListedGame } from '@/pages/games/details';

const game = (name: string, details: Record<string, unknown> = {}, rest: Partial<ListedGame> = {}): ListedGame => ({
  name,
  title: name,
  seats: 2,
  rating: 'openskill',
  actions: ['discrete'],
  admission: null,
  details: { environment: 'pettingzoo.classic.x:env', perfect_information: true, ...details },
  ...rest,
});

const games = [
  game('chess', { tags: ['board'] }),
  game(
    'bridge',
    {
      tags: ['cards', 'hidden information'],
      perfect_information: false,
      teams: [
        [0, 2],
        [1, 3],
      ],
    },
    { seats: 4 },
  ),
  game(
    'hanabi',
    { cooperative: true, perfect_information: false, environment: 'arena.games.openspiel:env' },
    { seats: 5 },
  ),
  game('pendulum', { environment: 'gymnasium:make' }, { seats: 1, actions: ['continuous'] }),
];
const busy = { game: 'pendulum', agents: 3, running: 1, latest: null, latest_plies: null };
const entries = entriesOf(games, [busy], 'en');
const found = (wanted: Parameters<typeof fits>[1]) =>
  entries.filter((entry) => fits(entry, wanted)).map((entry) => entry.game.name);

describe('the catalogue', () => {
  it('begins with what is played, then goes by title', () => {
    expect(found({})).toEqual(['pendulum', 'bridge', 'chess', 'hanabi']);
  });

  it('is searched by all words, wherever they stand', () => {
    expect(found({ q: 'CARDS bri' })).toEqual(['bridge']);
    expect(found({ q: 'openspiel' })).toEqual(['hanabi']);
    expect(found({ q: 'nothing' })).toEqual([]);
  });

  it.each([
    [{ seats: '1' }, ['pendulum']],
    [{ seats: '4' }, ['bridge', 'hanabi']],
    [{ family: 'Gymnasium' }, ['pendulum']],
    [{ tags: ['cards', 'hidden information'] }, ['bridge']],
    [{ tags: ['cards', 'board'] }, []],
    [{ sight: 'hidden' }, ['bridge', 'hanabi']],
    [{ sight: 'open' }, ['pendulum', 'chess']],
    [{ side: 'teams' }, ['bridge']],
    [{ side: 'together' }, ['hanabi']],
    [{ side: 'alone' }, ['pendulum', 'chess']],
    [{ actions: 'continuous' }, ['pendulum']],
    [{ now: true }, ['pendulum']],
  ] as const)('filters by %j', (wanted, names) => {
    expect(found({ ...wanted, tags: 'tags' in wanted ? [...wanted.tags] : undefined })).toEqual(names);
  });

  it('counts what each filter would find, most first', () => {
    expect(counted(entries, (entry) => [entry.family])).toEqual([
      ['PettingZoo', 2],
      ['Gymnasium', 1],
      ['OpenSpiel', 1],
    ]);
  });
});
