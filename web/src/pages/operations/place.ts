import { one, text, whole } from '@/parts/search';

/** What of the page is in its address: the tab, and what its lists are narrowed to. */
export const TABS = [
  'overview',
  'runners',
  'services',
  'queues',
  'streams',
  'dead',
  'quarantine',
  'users',
  'audit',
  'announcements',
] as const;
export type Tab = (typeof TABS)[number];
export const ROLES = ['user', 'operator', 'admin', 'house'] as const;
export type Role = (typeof ROLES)[number];
const STATUS_MAX = 599; // of HTTP

export interface Place {
  tab?: Tab;
  search?: string;
  role?: Role;
  locked?: boolean;
  user?: string;
  action?: string;
  object?: string;
  status?: number;
  /** Milliseconds since the epoch. */
  since?: number;
  until?: number;
}

/** Of whatever stands in the address, what is known; the rest is as if it were not there. */
export function place(raw: Record<string, unknown>): Place {
  const status = whole(raw.status, 100);
  return stripped({
    tab: one(raw.tab, TABS),
    search: text(raw.search),
    role: one(raw.role, ROLES),
    locked: typeof raw.locked === 'boolean' ? raw.locked : undefined,
    user: text(raw.user),
    action: text(raw.action),
    object: text(raw.object),
    status: status && status <= STATUS_MAX ? status : undefined,
    since: whole(raw.since, 0),
    until: whole(raw.until, 0),
  });
}

/** Without what is not given: an address says only what is chosen. */
export const stripped = <Some extends object>(some: Some): Some =>
  Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined)) as Some;
