import { $api, type Shown } from '@/api/client';
import { useRefresh } from '@/live/hooks';
import { arrivalOf } from './arrival';

const SOON_MS = 1_500; // while it is waited for: hellos are in no log that could be followed
const LATER_MS = 5_000;
const NEWEST = 5;

/** How far an agent is, followed. */
export function useArrival(agent: Shown<'ShownAgent'>) {
  const path = { agent_id: agent.id };
  const query = $api.useQuery(
    'get',
    '/api/agents/{agent_id}/credentials',
    { params: { path, query: { limit: 100 } } },
    { refetchInterval: LATER_MS },
  );
  const state = $api.useQuery(
    'get',
    '/api/agents/{agent_id}/state',
    { params: { path } },
    { refetchInterval: ({ state: now }) => (now.data?.matches.length ? LATER_MS : SOON_MS) },
  );
  const matches = $api.useQuery('get', '/api/matches', { params: { query: { agent: agent.id, limit: NEWEST } } });
  useRefresh({ agent: agent.id }, ['get', '/api/matches'], ['get', '/api/agents/{agent_id}/state']);
  const arrival =
    query.data && matches.data
      ? arrivalOf(
          {
            credentials: query.data.items,
            state: state.data,
            matches: matches.data.items,
            paused: agent.paused,
            suspended: agent.suspended ?? false,
          },
          Date.now(),
        )
      : null;
  return { query, arrival };
}
