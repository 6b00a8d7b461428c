import { keepPreviousData } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { $api } from '@/api/client';
import { arranged, ended, HELD_MS, type Item, type Wall } from './wall';

const ASKED_EVERY_MS = 2_000;
const BEST_MAX = 60;
const NONE: Item[] = [];

/** The wall, kept up to date. game: only this one; size: places; end: say that a match is over. */
export function useWall(game: string | undefined, size: number) {
  const query = $api.useQuery(
    'get',
    '/api/watch',
    { params: { query: { game, limit: BEST_MAX } } },
    { refetchInterval: ASKED_EVERY_MS, placeholderData: keepPreviousData },
  );
  const [wall, setWall] = useState<Wall>([]);
  const [of, setOf] = useState(game);
  const [tick, setTick] = useState(0);
  const fresh = !query.isPlaceholderData;
  if (of !== game) {
    setOf(game);
    setWall([]);
  }
  const best = fresh ? (query.data ?? NONE) : NONE;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a tick says that the time of a result is over
  useEffect(() => {
    if (fresh) setWall((before) => arranged(before, best, size, Date.now()));
  }, [best, size, tick, fresh]);

  const end = useCallback((match: string) => {
    setWall((before) => ended(before, match, Date.now()));
    setTimeout(() => setTick((ticks) => ticks + 1), HELD_MS);
  }, []);
  return { query, wall, end };
}
