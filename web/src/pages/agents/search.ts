import { one, text, whole } from '@/parts/search';

// What of a page of agents stands in its address, so that it can be shared and come back to.

export const STATES = ['ready', 'paused'] as const;

export interface ListSearch {
  search?: string;
  state?: (typeof STATES)[number];
  capability?: string;
}

export const listSearch = (found: Record<string, unknown>): ListSearch => ({
  search: text(found.search),
  state: one(found.state, STATES),
  capability: text(found.capability),
});

export const WAYS = ['python', 'mounts', 'javascript', 'typescript', 'bare', 'shell'] as const;
export type Way = (typeof WAYS)[number];

export interface MountSearch {
  game?: string;
  way?: Way;
}

/** agent: the one that is being made, once it has a name. */
export type NewSearch = MountSearch & { agent?: string };

export const newSearch = (found: Record<string, unknown>): NewSearch => ({
  agent: text(found.agent),
  game: text(found.game),
  way: one(found.way, WAYS),
});

export const TABS = [
  'overview',
  'results',
  'matches',
  'timing',
  'faults',
  'versions',
  'credentials',
  'mount',
  'settings',
] as const;
export type Tab = (typeof TABS)[number];

export const BY = ['opponent', 'seat', 'version', 'game'] as const;
export type By = (typeof BY)[number];

export type AgentSearch = MountSearch & { tab?: Tab; by?: By; version?: number; versions?: string };

export const agentSearch = (found: Record<string, unknown>): AgentSearch => ({
  tab: one(found.tab, TABS),
  game: text(found.game),
  way: one(found.way, WAYS),
  by: one(found.by, BY),
  version: whole(found.version),
  versions: text(found.versions),
});
