import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Following } from '@/boards';
import type { Signal } from './signal';

const THOUGHT_S = 2; // from then on it is told how long somebody thinks

/** Draws again every second. */
function useSeconds() {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((ticks) => ticks + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
}

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
  const seconds = (performance.now() - since) / 1000;
  return state === 'live' && seconds >= THOUGHT_S ? <time>{clock(seconds)}</time> : null;
}
