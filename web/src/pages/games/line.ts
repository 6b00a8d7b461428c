/** So many at once, the others wait in line: the platform plays a match again for each picture that is asked for. */
export class Line {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.free = atOnce;
  }

  /** Run it when it is its turn. Who no longer wants it (signal) leaves the line. */
  async take<Answer>(run: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    if (this.free > 0) this.free -= 1;
    else await this.turn(signal);
    try {
      return await run();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }

  private turn(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.waiting.splice(this.waiting.indexOf(go), 1);
        reject(signal?.reason);
      };
      this.waiting.push(go);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }
}
