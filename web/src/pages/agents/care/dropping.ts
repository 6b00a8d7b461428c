import { api } from '@/api/client';

const ASK_MS = 200;
const PATIENCE_MS = 15_000;

/** Which instances of an agent are here. */
export async function present(agent: string): Promise<Set<string>> {
  const { data } = await api.GET('/api/agents/{agent_id}/state', { params: { path: { agent_id: agent } } });
  return new Set(data?.instances.filter(({ state }) => state === 'here').map(({ instance }) => instance));
}

/** Wait until one of these instances is gone. Resolves to its name and after how many ms; null: none went. */
export async function dropped(agent: string, before: Set<string>): Promise<{ instance: string; ms: number } | null> {
  const since = performance.now();
  while (before.size > 0 && performance.now() - since < PATIENCE_MS) {
    const now = await present(agent);
    const gone = [...before].find((one) => !now.has(one));
    if (gone !== undefined) return { instance: gone, ms: performance.now() - since };
    await new Promise((later) => setTimeout(later, ASK_MS));
  }
  return null;
}
