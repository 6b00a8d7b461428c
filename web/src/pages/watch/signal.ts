/** A value that changes more often than what is around it: who shows it is drawn anew, and nobody else. */
export class Signal<Value> {
  private readonly watchers = new Set<() => void>();
  constructor(private value: Value) {}

  get = (): Value => this.value;

  set(value: Value) {
    this.value = value;
    for (const changed of this.watchers) changed();
  }

  subscribe = (changed: () => void) => {
    this.watchers.add(changed);
    return () => void this.watchers.delete(changed);
  };
}
