import { one, text } from '@/parts/search';

// What of the list of matches stands in its address.

export const STATUSES = ['created', 'running', 'ended', 'voided'] as const;
export const CAUSES = ['finished', 'forfeit', 'crashed', 'diverged', 'unplayable', 'cancelled', 'abandoned'] as const;
export const SPANS = { hour: 3_600_000, day: 86_400_000, week: 604_800_000, month: 2_592_000_000 } as const;
export type Span = keyof typeof SPANS;
export const SPAN_NAMES = Object.keys(SPANS) as Span[];

export interface MatchesSearch {
  game?: string;
  agent?: string;
  /** Another agent in it. */
  opponent?: string;
  /** A user's id, or `mine`. */
  user?: string;
  status?: (typeof STATUSES)[number];
  cause?: (typeof CAUSES)[number];
  /** Made within it. */
  since?: Span;
  /** A request's id. */
  request?: string;
}

export const matchesSearch = (found: Record<string, unknown>): MatchesSearch => ({
  game: text(found.game),
  agent: text(found.agent),
  opponent: text(found.opponent),
  user: text(found.user),
  status: one(found.status, STATUSES),
  cause: one(found.cause, CAUSES),
  since: one(found.since, SPAN_NAMES),
  request: text(found.request),
});

const STEP_MS = 60_000;

/** The same as the API takes it. me: a user's id, where it is known. */
export function wantedOf(search: MatchesSearch, me: string | undefined, now: number) {
  const { since, user, ...rest } = search;
  return {
    ...rest,
    user: user === 'mine' ? me : user,
    since_ms: since && Math.floor((now - SPANS[since]) / STEP_MS) * STEP_MS,
  };
}
