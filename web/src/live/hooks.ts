import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { live, type Message, type Wanted } from './socket';

/** Follow something live while this component is shown. null: nothing. */
export function useLive(wanted: Wanted | null, take: (message: Message) => void) {
  const latest = useRef(take);
  latest.current = take;
  const key = wanted && JSON.stringify(wanted);
  useEffect(() => {
    if (!key) return;
    return live.follow(JSON.parse(key) as Wanted, (message) => latest.current(message));
  }, [key]);
}

const SETTLE_MS = 400;

/** Ask again for what these events change, at most every SETTLE_MS: answers are folds of the same log. */
export function useRefresh(wanted: Wanted | null, ...keys: QueryKey[]) {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => () => void (timer.current && clearTimeout(timer.current)), []);
  useLive(wanted, (message) => {
    if (message.op !== 'event' || timer.current) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      for (const queryKey of keys) void queries.invalidateQueries({ queryKey });
    }, SETTLE_MS);
  });
}

/** Whether live events arrive. */
export const useLiveState = () => useSyncExternalStore(live.watch, live.now);

const online = (changed: () => void) => {
  window.addEventListener('online', changed);
  window.addEventListener('offline', changed);
  return () => {
    window.removeEventListener('online', changed);
    window.removeEventListener('offline', changed);
  };
};

/** Whether the browser has a network at all. */
export const useOnline = () => useSyncExternalStore(online, () => navigator.onLine);
