import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, type Shown } from '@/api/client';
import { credsName, credsText, download } from './creds';

export const LABEL_MAX = 100;
export const DAYS_MAX = 30;
const DAY_S = 24 * 3600;

interface Wanted {
  agent: Pick<Shown<'Agent'>, 'id' | 'name'>;
  label: string;
  /** All other credentials end, and their connections. */
  instead?: boolean;
  days?: number;
}

/** Make a key here, have its public half signed, and hand the file over. Resolves to the file's name. */
async function issue({ agent, label, instead, days = DAYS_MAX }: Wanted): Promise<string> {
  const { newKey } = await import('./keys');
  const key = newKey();
  const body = { public_key: key.publicKey, label: label.slice(0, LABEL_MAX), expires_s: days * DAY_S };
  const path = { agent_id: agent.id };
  const { data } = instead
    ? await api.POST('/api/agents/{agent_id}/credentials/rotate', { params: { path }, body })
    : await api.POST('/api/agents/{agent_id}/credentials', { params: { path }, body });
  if (!data) throw new Error('no credential came');
  const name = credsName(agent.name);
  download(name, credsText(data.jwt, key.seed, data.url));
  return name;
}

export const CREDENTIALS = '/api/agents/{agent_id}/credentials';

export function useIssue() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: issue,
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', CREDENTIALS] }),
  });
}

/** Whether an agent can connect by it now. */
export const isValid = (credential: Shown<'Credential'>, now: number) =>
  credential.revoked_ms == null && credential.expires_ms > now;
