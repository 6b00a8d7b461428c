// One seat a tab: an agent of the person's own, its credential and connection, and what it asks for.

import { api } from '@/api/client';
import { isProblem } from '@/api/problem';
import { forget, type Kept, keep, kept } from './kept';
import type { Heard, Line } from './line';
import { keyOf, type Over, type Turn } from './messages';
import { FREE, type Happening, happened, type SeatState, type Wish } from './state';

const EXPIRES_S = 24 * 3600;
const PERSON = 'person';
const RATING_MAX = 1e6;

class Sitting {
  private state = FREE;
  private readonly watchers = new Set<() => void>();
  private line: Line | null = null;
  private kept: Kept | null = null;
  /** Counts what was wanted: what comes of an earlier wish is of no interest. */
  private turn = 0;

  watch = (changed: () => void) => {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  };
  now = (): SeatState => this.state;

  /** Sit down and ask for a match. */
  async want(wish: Wish) {
    const turn = ++this.turn;
    this.happen({ what: 'wanted', wish });
    await this.tried(turn, async () => {
      const held = this.line && this.kept ? { ...this.kept, wish, request: null } : await newlyKept(wish);
      if (turn !== this.turn) return;
      this.hold(held);
      if (!(await this.arrive(held))) return;
      const request = await ask(held.agent, wish);
      if (turn !== this.turn) return void cancel(request);
      this.hold({ ...held, request });
      this.happen({ what: 'seated', agent: held.agent, request });
    });
  }

  /** Come back to the seat that this tab had before it was loaded anew. */
  async comeBack() {
    const held = kept();
    if (!held?.request || this.state.stage !== 'free') return;
    const turn = ++this.turn;
    this.happen({ what: 'wanted', wish: held.wish });
    this.kept = held;
    await this.tried(turn, async () => {
      if (await this.arrive(held)) this.happen({ what: 'seated', agent: held.agent, request: held.request as string });
    });
  }

  /** The match that was made of what was asked for. */
  made(match: string) {
    this.happen({ what: 'made', match });
  }

  /** How it ended, for whoever was not connected when it was said. */
  ended(over: Over) {
    this.happen({ what: 'over', over });
  }

  /** It came to nothing by a fault of the platform. */
  voided(match: string, message: string) {
    this.happen({ what: 'notice', notice: { code: 'voided', message, match } });
  }

  answer(turn: Turn, action: unknown) {
    this.line?.answer(turn, action);
    this.happen({ what: 'answered', key: keyOf(turn) });
  }

  /** Get up: what is not played yet is cancelled, what is played is lost. */
  async leave() {
    this.turn++;
    const { line, kept: held, state } = this;
    this.line = null;
    this.kept = null;
    forget();
    this.happen({ what: 'left' });
    if (held?.request && state.stage === 'waiting') await cancel(held.request);
    await line?.close();
    if (held) await revoke(held);
  }

  /** Whether one is welcome. Somebody who got up meanwhile is not seated again. */
  private async arrive(held: Kept): Promise<boolean> {
    const { turn } = this;
    const line = this.line ?? (await this.connect(held));
    if (turn !== this.turn) {
      void line.close();
      return false;
    }
    this.line = line;
    return line.hello(held.wish.game);
  }

  private async connect(held: Kept): Promise<Line> {
    const [{ Line: Opened }, { data: about }] = await Promise.all([import('./line'), api.GET('/api/about')]);
    const servers = about?.websocket?.split(',') ?? [];
    const { turn } = this;
    const wanted = { ...held, servers, protocol: about?.protocol ?? 1 };
    const line: Line = await Opened.open(wanted, (heard) => {
      if (this.line === line || turn === this.turn) this.hear(heard);
    });
    return line;
  }

  private hear(heard: Heard) {
    if (heard.what === 'turn') this.happen({ ...heard, now: performance.now() });
    else if (heard.what === 'closed') void this.connectAnew(heard.message);
    else this.happen(heard);
  }

  /** The server closed the connection for good: a credential that ended is followed by a new one, once. */
  private async connectAnew(message: string) {
    const held = this.kept;
    this.line = null;
    this.happen({ what: 'connected', connected: false });
    if (!held || this.state.stage === 'over') return;
    await this.tried(
      this.turn,
      async () => {
        const anew = { ...held, ...(await credential(held.agent)) };
        this.hold(anew);
        await this.arrive(anew);
      },
      message,
    );
  }

  private async tried(turn: number, work: () => Promise<void>, why = '') {
    try {
      await work();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const code = isProblem(error) ? 'problem' : 'unreachable';
      if (turn === this.turn) this.happen({ what: 'refused', code, message: why || message });
    }
  }

  private hold(held: Kept) {
    this.kept = held;
    keep(held);
  }

  private happen(it: Happening) {
    this.state = happened(this.state, it);
    for (const changed of this.watchers) changed();
  }
}

export const sitting = new Sitting();

/** The person's own agent: found, or made. */
async function ownAgent(): Promise<string> {
  const { data } = await api.GET('/api/agents', { params: { query: { capability: PERSON, limit: 1 } } });
  const found = data?.items[0];
  if (found) return found.id;
  const body = { name: 'me', description: '', capabilities: [PERSON], open_to: 'nobody' as const, hourly_max: 0 };
  const { data: made } = await api.POST('/api/agents', { body });
  return (made as { id: string }).id;
}

async function newlyKept(wish: Wish): Promise<Kept> {
  const agent = await ownAgent();
  const instance = `tab-${word(4)}`;
  return { agent, ...(await credential(agent)), instance, session: word(12), wish, request: null };
}

/** A key that never leaves this tab, signed by the platform. */
async function credential(agent: string) {
  const { nkeys } = await import('@nats-io/nats-core');
  const pair = nkeys.createUser();
  const body = { label: 'browser', public_key: pair.getPublicKey(), expires_s: EXPIRES_S };
  const params = { path: { agent_id: agent } };
  const { data } = await api.POST('/api/agents/{agent_id}/credentials', { params, body });
  if (!data) throw new Error('no credential came');
  return { jwt: data.jwt, seed: new TextDecoder().decode(pair.getSeed()), publicKey: body.public_key };
}

async function ask(agent: string, { game, opponents, seat }: Wish): Promise<string> {
  const { data: found } = await api.GET('/api/games/{game}', { params: { path: { game } } });
  const anybody = opponents.length === 0 && found && found.seats > 1;
  const rating = anybody ? { low: -RATING_MAX, high: RATING_MAX } : null;
  const body = { game, agent, opponents, rating, seat, count: 1, clock: 'patient' as const, rated: false };
  const { data } = await api.POST('/api/requests', { body });
  return (data as { id: string }).id;
}

const cancel = (request: string) =>
  quietly(api.DELETE('/api/requests/{request_id}', { params: { path: { request_id: request } } }));

const revoke = ({ agent, publicKey }: Kept) =>
  quietly(
    api.DELETE('/api/agents/{agent_id}/credentials/{public_key}', {
      params: { path: { agent_id: agent, public_key: publicKey } },
    }),
  );

/** Tidying up: what is gone already is as good. */
const quietly = (work: Promise<unknown>) => work.catch(() => undefined);

const word = (bytes: number) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
