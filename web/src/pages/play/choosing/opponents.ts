// Who can be asked for, and how it went last time.

import { $api, type Shown } from '@/api/client';
import { resultOf } from '@/parts/names';
import { useMe } from '@/session';
import type { Last } from './good';

export type Standing = Shown<'Place'>;

const MOST = 100;
const SOON_MS = 2_000; // on a new platform, until the house has played its first matches

/** Those of a game's leaderboard who agreed to be asked for, the strongest first. */
export function useOpponents(game: string) {
  const me = useMe();
  const path = { game };
  return $api.useQuery(
    'get',
    '/api/games/{game}/leaderboard',
    { params: { path, query: { limit: MOST } } },
    {
      refetchInterval: ({ state }) => (state.data?.items.length === 0 ? SOON_MS : false),
      select: ({ items }) =>
        items.filter((one) => one.house || one.open_to === 'everybody' || one.owner_name === me?.name),
    },
  );
}

/** How the person's last match of a game ended, and against whom. */
export function useLast(game: string): Last | null {
  const { data: own } = $api.useQuery('get', '/api/agents', { params: { query: { capability: 'person', limit: 1 } } });
  const agent = own?.items[0]?.id;
  const { data } = $api.useQuery(
    'get',
    '/api/matches',
    { params: { query: { agent, game, status: 'ended', limit: 1 } } },
    { enabled: agent !== undefined, staleTime: 0 },
  );
  const match = data?.items[0];
  const seat = match?.seats.find((one) => one.agent === agent)?.seat;
  if (!match || seat === undefined) return null;
  const result = resultOf(match, seat);
  return { opponents: match.seats.filter((one) => one.seat !== seat).map((one) => one.agent), result };
}
