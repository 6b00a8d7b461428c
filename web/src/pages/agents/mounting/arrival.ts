// How far an agent is on its way into its first match, as a fold of what the platform says of it.
import type { Shown } from '@/api/client';

/** What is waited for. */
export type Stage = 'credential' | 'hello' | 'opponent' | 'played';

export interface Seen {
  credentials: Shown<'Credential'>[];
  state: Shown<'AgentState'> | undefined;
  /** Newest first. */
  matches: Pick<Shown<'Match'>, 'id' | 'status'>[];
  paused: boolean;
  suspended: boolean;
}

export interface Arrival {
  stage: Stage;
  /** Processes of it that are here. */
  instances: Shown<'InstanceState'>[];
  /** The game for which there will be a match soonest. */
  wait: Shown<'Wait'> | null;
  /** That it plays now, or else the oldest that is known. */
  match: string | null;
  playing: boolean;
  /** A connection with a valid credential was made, if no hello was heard yet. */
  connectedMs: number | null;
  /** Why it cannot get further by itself. */
  hindrance: 'suspended' | 'paused' | 'revoked' | 'expired' | 'full' | null;
}

export function arrivalOf(seen: Seen, now: number): Arrival {
  const { credentials, state, matches } = seen;
  const valid = credentials.filter((one) => one.revoked_ms == null && one.expires_ms > now);
  const instances = state?.instances.filter((one) => one.state === 'here') ?? [];
  const current = state?.matches[0]?.match ?? null;
  const match = current ?? matches.at(-1)?.id ?? null;
  const here = instances.length > 0;
  const stage: Stage =
    current || (here && match) ? 'played' : here ? 'opponent' : valid.length > 0 ? 'hello' : 'credential';
  return {
    stage,
    instances,
    wait: soonest(state?.waits ?? []),
    match,
    playing: current !== null,
    connectedMs: newest(valid),
    hindrance: hindranceOf(seen, valid.length > 0, instances),
  };
}

function hindranceOf(seen: Seen, valid: boolean, instances: Shown<'InstanceState'>[]): Arrival['hindrance'] {
  if (seen.suspended) return 'suspended';
  if (seen.paused) return 'paused';
  const last = seen.credentials[0];
  if (!valid && last) return last.revoked_ms == null ? 'expired' : 'revoked';
  if (instances.length > 0 && instances.every((one) => one.free === 0) && seen.state?.matches.length === 0)
    return 'full';
  return null;
}

const soonest = (waits: Shown<'Wait'>[]) =>
  waits
    .filter((one) => one.waiting > 0)
    .sort((a, b) => (a.estimated_ms ?? Infinity) - (b.estimated_ms ?? Infinity))[0] ??
  waits[0] ??
  null;

const newest = (credentials: Shown<'Credential'>[]) =>
  credentials.reduce<number | null>((last, { used_ms }) => (used_ms ? Math.max(last ?? 0, used_ms) : last), null);
