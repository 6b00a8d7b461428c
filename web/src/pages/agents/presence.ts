import type { Shown } from '@/api/client';

/** What the matchmaker says of one agent, as lists show it (arena/matchmaker/answers.py). */
export function presenceOf(state: Shown<'AgentState'>): Shown<'AgentPresence'> {
  const here = state.instances.filter((one) => one.state === 'here');
  const free = here.reduce((sum, one) => sum + one.free, 0);
  const matches = state.matches_total;
  return {
    agent: state.agent,
    doing: matches > 0 ? 'playing' : free > 0 ? 'waiting' : here.length > 0 ? 'idle' : 'absent',
    instances: here.length,
    absent: state.instances.filter((one) => one.state === 'absent').length,
    matches,
    free,
  };
}

/** Games in which it is kept out of matches now. */
export const barredIn = (agent: Pick<Shown<'ShownAgent'>, 'quarantine'>, now: number) =>
  agent.quarantine.filter(({ until_ms }) => until_ms > now);
