// A seat's connection: NATS over WebSocket, spoken as docs/protocol.md has it. Loaded when somebody sits down.

import { jwtAuthenticator, type Msg, type NatsConnection, wsconnect } from '@nats-io/nats-core';
import { keyOf, type Notice, type Over, type Refusal, type Turn, type Welcome } from './messages';

export interface LineWanted {
  servers: string[];
  agent: string;
  jwt: string;
  seed: string;
  instance: string;
  session: string;
  protocol: number;
}

export type Heard =
  | { what: 'turn'; turn: Turn }
  | { what: 'over'; over: Over }
  | { what: 'notice'; notice: Notice }
  | { what: 'refused'; code: string; message: string }
  | { what: 'connected'; connected: boolean }
  | { what: 'closed'; message: string };

const HELLO_MS = 2_000;
const AGAIN_MS = 500;
const CONNECT_MS = 10_000;

export class Line {
  private readonly beats = new Worker(new URL('./beats.worker.ts', import.meta.url), { type: 'module' });
  private readonly asked = new Map<string, Msg>(); // turn -> the newest message that asked it
  private readonly answers = new Map<string, Uint8Array>(); // turn -> what was answered
  private game = '';
  private leaving = false;

  private constructor(
    private readonly nats: NatsConnection,
    private readonly wanted: LineWanted,
    private readonly hear: (heard: Heard) => void,
  ) {
    this.beats.onmessage = () => this.publish('beat');
    void this.listen();
    void this.follow();
    void this.nats.closed().then((error) => {
      this.beats.terminate();
      if (!this.leaving) this.hear({ what: 'closed', message: error ? error.message : '' });
    });
  }

  /** Connect. Rejects if the server cannot be reached or refuses the credential. */
  static async open(wanted: LineWanted, hear: (heard: Heard) => void): Promise<Line> {
    const nats = await wsconnect({
      servers: wanted.servers,
      authenticator: jwtAuthenticator(wanted.jwt, new TextEncoder().encode(wanted.seed)),
      inboxPrefix: `_INBOX.${wanted.agent}`,
      maxReconnectAttempts: -1,
      timeout: CONNECT_MS,
    });
    return new Line(nats, wanted, hear);
  }

  /** Say which game is wanted, until it is answered. Resolves to whether one is welcome. */
  async hello(game: string): Promise<boolean> {
    this.game = game;
    while (!this.nats.isClosed()) {
      const answer = await this.ask<Welcome | Refusal>('hello', { games: [game], ladder: false, kit: 'web' });
      if (answer?.type === 'welcome') {
        this.beats.postMessage(answer.beat_ms);
        this.hear({ what: 'connected', connected: true });
        return true;
      }
      if (answer) {
        this.hear({ what: 'refused', code: answer.code, message: answer.message });
        return false;
      }
      await new Promise((later) => setTimeout(later, AGAIN_MS));
    }
    return false;
  }

  /** Answer a turn. It is sent again if the same turn comes again. */
  answer(turn: Turn, action: unknown) {
    const body = encode({ ply: turn.ply, action });
    this.answers.set(keyOf(turn), body);
    this.asked.get(keyOf(turn))?.respond(body);
  }

  /** No new matches, and the end of the connection. */
  async close() {
    this.leaving = true;
    await this.ask('leave', {});
    await this.nats.close();
  }

  private async listen() {
    const mine = `arena.agent.${this.wanted.agent}.${this.wanted.instance}.>`;
    for await (const message of this.nats.subscribe(mine)) this.take(message);
  }

  private take(message: Msg) {
    switch (message.subject.split('.').at(-1)) {
      case 'turn': {
        const turn = message.json<Turn>();
        const key = keyOf(turn);
        this.asked.set(key, message);
        const answered = this.answers.get(key);
        if (answered) message.respond(answered);
        else this.hear({ what: 'turn', turn });
        break;
      }
      case 'over': {
        const over = message.json<Over>();
        this.forget(over.match);
        this.hear({ what: 'over', over });
        break;
      }
      case 'notice': {
        const notice = message.json<Notice>();
        if (notice.code === 'say_hello') void this.hello(this.game);
        else this.hear({ what: 'notice', notice });
        break;
      }
    }
  }

  private async follow() {
    for await (const status of this.nats.status()) {
      if (status.type === 'disconnect') this.hear({ what: 'connected', connected: false });
      if (status.type === 'reconnect' && this.game) void this.hello(this.game);
    }
  }

  private forget(match: string) {
    for (const map of [this.asked, this.answers])
      for (const key of map.keys()) if (key.startsWith(`${match} `)) map.delete(key);
  }

  private async ask<Answer>(what: 'hello' | 'leave', more: object): Promise<Answer | null> {
    try {
      const message = await this.nats.request(this.lobby(what), this.said(more), { timeout: HELLO_MS });
      return message.json<Answer>();
    } catch {
      return null; // no answer in time, or no matchmaker is active just now
    }
  }

  private publish(what: 'beat') {
    if (!this.nats.isClosed()) this.nats.publish(this.lobby(what), this.said({}));
  }

  private lobby = (what: string) => `arena.lobby.${this.wanted.agent}.${what}`;

  private said(more: object) {
    const { instance, session, protocol } = this.wanted;
    return encode({ instance, session, ...('games' in more ? { protocol } : {}), ...more });
  }
}

const encode = (message: object) => new TextEncoder().encode(JSON.stringify(message));
