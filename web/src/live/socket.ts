/** One WebSocket a tab for everything live (/api/live/ws). It comes back by itself, behind what was seen last. */

/** after: of a match, the last event that is known already. */
export type Wanted = {
  match?: string;
  game?: string;
  agent?: string;
  board?: string;
  said?: string;
  kinds?: string[];
  after?: number;
};
export type Message = { op: string; id: string; seq?: number; detail?: string; [name: string]: unknown };
export type State = 'idle' | 'connecting' | 'open' | 'waiting';

const FIRST_DELAY_MS = 250;
const DELAY_MS_MAX = 8_000;

class Live {
  private socket: WebSocket | null = null;
  private wanted = new Map<string, { wanted: Wanted; take: (message: Message) => void; after?: number }>();
  private count = 0;
  private delay = FIRST_DELAY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private state: State = 'idle';
  private watchers = new Set<() => void>();

  /** Follow something until the returned function is called. Every message with this subscription's id is given. */
  follow(wanted: Wanted, take: (message: Message) => void): () => void {
    const id = String(++this.count);
    this.wanted.set(id, { wanted, take });
    if (this.socket?.readyState === WebSocket.OPEN) this.ask(id);
    else this.connect();
    return () => {
      if (this.wanted.delete(id) && this.socket?.readyState === WebSocket.OPEN)
        this.socket.send(JSON.stringify({ op: 'unsubscribe', id }));
    };
  }

  /** For useSyncExternalStore: whether the connection stands. */
  watch = (changed: () => void) => {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  };
  now = (): State => this.state;

  /** Try now: the network is back, or the tab is seen again. */
  hurry = () => {
    if (this.state === 'waiting') this.connect();
  };

  private connect() {
    clearTimeout(this.timer);
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    this.become('connecting');
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/live/ws`);
    this.socket = socket;
    socket.onopen = () => {
      this.delay = FIRST_DELAY_MS;
      this.become('open');
      for (const id of this.wanted.keys()) this.ask(id);
    };
    socket.onmessage = (event) => this.hear(JSON.parse(String(event.data)) as Message);
    socket.onclose = () => {
      if (this.wanted.size === 0) return this.become('idle');
      this.become('waiting');
      this.timer = setTimeout(() => this.connect(), this.delay * (0.75 + Math.random() / 2));
      this.delay = Math.min(this.delay * 2, DELAY_MS_MAX);
    };
  }

  private ask(id: string) {
    const one = this.wanted.get(id);
    if (!one) return;
    const after = one.after === undefined ? {} : { after: one.after };
    this.socket?.send(JSON.stringify({ op: 'subscribe', id, ...one.wanted, ...after }));
  }

  private hear(message: Message) {
    const one = this.wanted.get(message.id);
    if (!one) return;
    if (message.op === 'subscribed' && typeof message.after === 'number') one.after = message.after;
    const inOrder = message.op === 'event' || message.op === 'said'; // of a board only the newest position is told
    if (inOrder && typeof message.seq === 'number') one.after = message.seq;
    one.take(message);
  }

  private become(state: State) {
    this.state = state;
    for (const changed of this.watchers) changed();
  }
}

export const live = new Live();

window.addEventListener('online', live.hurry);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') live.hurry();
});
