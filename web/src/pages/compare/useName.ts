import { $api } from '@/api/client';

/** An agent's name, or its id while it is asked for. */
export function useName(agent: string): string {
  const { data } = $api.useQuery(
    'get',
    '/api/agents/{agent_id}/profile',
    { params: { path: { agent_id: agent } } },
    { staleTime: 300_000 },
  );
  return data?.name ?? agent;
}
