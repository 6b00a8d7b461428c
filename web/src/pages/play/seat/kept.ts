import type { Wish } from './state';

/** What a tab keeps of its seat, so that a reload comes back to it. The seed is good for this one agent, for a day. */
export interface Kept {
  agent: string;
  jwt: string;
  seed: string;
  publicKey: string;
  instance: string;
  session: string;
  wish: Wish;
  request: string | null;
}

const NAME = 'arena-seat';

export const keep = (kept: Kept) => sessionStorage.setItem(NAME, JSON.stringify(kept));
export const forget = () => sessionStorage.removeItem(NAME);

export function kept(): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? 'null') as Kept | null;
  } catch {
    return null;
  }
}
