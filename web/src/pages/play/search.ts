import { text, whole } from '@/parts/search';

/** What stands in the address: what is to be played, against whom, on which side. */
export interface PlaySearch {
  game?: string;
  /** An agent's id; `any`: whoever is here. Without: a good one. */
  opponent?: string;
  seat?: number;
}

export const playSearch = (found: Record<string, unknown>): PlaySearch => ({
  game: text(found.game),
  opponent: text(found.opponent),
  seat: whole(found.seat, 0),
});
