import { useSyncExternalStore } from 'react';
import type { Following } from '@/boards';
import type { Signal } from './signal';

const THOUGHT_S = 2; // from then on it is told how long somebody thinks

// All clocks of the page go by one, so that a second costs one drawing however many there are.
const clocks = new Set<() => void>();
let seconds = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function tick() {
  seconds += 1;
  for (const changed of clocks) changed();
}

function follow(changed: () => void) {
  clocks.add(changed);
  timer ??= setInterval(tick, 1_000);
  return () => {
    clocks.delete(changed);
    if (clocks.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Draws again every second. */
const useSeconds = () => useSyncExternalStore(follow, () => seconds);

/** 75 -> 1:15. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const tail = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** How long a match has been going on. since: ms since the epoch; until: the same, when it stands still. */
export function Elapsed({ since, until }: { since: number; until: number | null }) {
  useSeconds();
  return <time>{clock(((until ?? Date.now()) - since) / 1000)}</time>;
}

/** How long who is to act has been thinking, once that is long. */
export function Thinking({ following }: { following: Signal<Following> }) {
  useSeconds();
  const { since, state } = useSyncExternalStore(following.subscribe, following.get);
  const thought = (performance.now() - since) / 1000;
  return state === 'live' && thought >= THOUGHT_S ? <time>{clock(thought)}</time> : null;
}
