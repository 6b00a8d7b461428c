import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Shown } from '@/api/client';
import { arrivalOf, type Seen } from '@/pages/agents/mounting/arrival';

const NOW = 1_000_000;

const credential = (more: Partial<Shown<'Credential'>> = {}): Shown<'Credential'> => ({
  public_key: 'U1',
  agent: 'a',
  label: '',
  issued_ms: NOW - 10,
  expires_ms: NOW + 1_000,
  ...more,
});

const instance = (more: Partial<Shown<'InstanceState'>> = {}): Shown<'InstanceState'> => ({
  instance: 'i1',
  state: 'here',
  games: ['connect_four'],
  slots: 1,
  busy: 0,
  free: 1,
  heard_ago_ms: 5,
  stateless: false,
  ladder: true,
  ...more,
});

const wait = (game: string, more: Partial<Shown<'Wait'>> = {}): Shown<'Wait'> => ({
  game,
  waiting: 1,
  since_ms: NOW,
  why: 'it waits for the next wave',
  estimated_ms: null,
  ...more,
});

const state = (more: Partial<Shown<'AgentState'>> = {}): Shown<'AgentState'> => ({
  agent: 'a',
  at_ms: NOW,
  instances: [],
  matches: [],
  matches_total: 0,
  waits: [],
  ...more,
});

const seen = (more: Partial<Seen> = {}): Seen => ({
  credentials: [],
  state: state(),
  matches: [],
  paused: false,
  suspended: false,
  ...more,
});

const arrive = (more: Partial<Seen>) => arrivalOf(seen(more), NOW);

describe('the way of an agent into its first match', () => {
  it('begins with a credential that is valid', () => {
    expect(arrive({}).stage).toBe('credential');
    expect(arrive({ credentials: [credential()] }).stage).toBe('hello');
  });

  it('says what became of the only credential', () => {
    expect(arrive({ credentials: [credential({ revoked_ms: NOW })] })).toMatchObject({
      stage: 'credential',
      hindrance: 'revoked',
    });
    expect(arrive({ credentials: [credential({ expires_ms: NOW })] }).hindrance).toBe('expired');
  });

  it('tells a connection without a hello from none', () => {
    expect(arrive({ credentials: [credential()] }).connectedMs).toBeNull();
    expect(arrive({ credentials: [credential({ used_ms: 7 }), credential({ used_ms: 9 })] }).connectedMs).toBe(9);
  });

  it('waits for an opponent in the game in which there will be one soonest', () => {
    const waits = [wait('chess'), wait('go_9x9', { estimated_ms: 900 }), wait('hex', { estimated_ms: 300 })];
    const arrival = arrive({ credentials: [credential()], state: state({ instances: [instance()], waits }) });
    expect(arrival).toMatchObject({ stage: 'opponent', wait: { game: 'hex' }, match: null, hindrance: null });
  });

  it('ends with a match, while it is played and after', () => {
    const playing = state({
      instances: [instance({ busy: 1, free: 0 })],
      matches: [{ match: 'm2', game: 'chess', seat: 0, instance: 'i1' }],
      matches_total: 1,
    });
    const matches = [
      { id: 'm2', status: 'running' as const },
      { id: 'm1', status: 'ended' as const },
    ];
    expect(arrive({ credentials: [credential()], state: playing, matches })).toMatchObject({
      stage: 'played',
      match: 'm2',
      playing: true,
      hindrance: null,
    });
    expect(arrive({ credentials: [credential()], state: state({ instances: [instance()] }), matches })).toMatchObject({
      stage: 'played',
      match: 'm1',
      playing: false,
    });
  });

  it('waits for a hello again once it is away, and still knows what it played', () => {
    const matches = [{ id: 'm1', status: 'ended' as const }];
    expect(arrive({ credentials: [credential()], matches })).toMatchObject({ stage: 'hello', match: 'm1' });
  });

  it('is held up by a pause, and by an operator before that', () => {
    expect(arrive({ paused: true }).hindrance).toBe('paused');
    expect(arrive({ paused: true, suspended: true }).hindrance).toBe('suspended');
  });

  it('never goes past a hello without an instance or a match', () => {
    const states = fc.constantFrom('left' as const, 'absent' as const);
    fc.assert(
      fc.property(fc.array(states), fc.boolean(), (gone, valid) => {
        const instances = gone.map((one, at) => instance({ instance: `i${at}`, state: one }));
        const credentials = valid ? [credential()] : [];
        const { stage } = arrive({ credentials, state: state({ instances, waits: [wait('chess')] }) });
        expect(stage).toBe(valid ? 'hello' : 'credential');
      }),
    );
  });
});
