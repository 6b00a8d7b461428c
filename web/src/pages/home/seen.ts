// When a person was here last, on this browser: what is newer is marked.

const key = (user: string) => `arena-seen-${user}`;
const opened = Date.now();

/** Milliseconds since the epoch; the first visit begins with what happens from now on. */
export function lastSeen(user: string): number {
  return Number(localStorage.getItem(key(user))) || opened;
}

/** They have seen everything up to now, for the next visit. */
export function seenNow(user: string) {
  localStorage.setItem(key(user), String(Date.now()));
}
