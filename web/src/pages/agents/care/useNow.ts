import { $api } from '@/api/client';
import { useRefresh } from '@/live/hooks';

const EVERY_MS = 2_500; // who comes and goes is in no log that could be followed

/** Where an agent is now, followed: its instances, its matches, what it waits for. */
export function useNow(agent: string) {
  useRefresh({ agent }, ['get', '/api/agents/{agent_id}/state']);
  return $api.useQuery(
    'get',
    '/api/agents/{agent_id}/state',
    { params: { path: { agent_id: agent } } },
    { refetchInterval: EVERY_MS },
  );
}
