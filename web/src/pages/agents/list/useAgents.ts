import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { $api, api, type Shown } from '@/api/client';
import type { ListSearch } from '../search';
import { merged, rowsOf } from './pages';

export const OVERVIEW = '/api/agents/overview';
const LIMIT = 100;
const AGAIN_MS = 4_000;

type Page = Shown<'Page_arena.api.summaries.ListedAgent_'>;
export type Watch = (page: number) => () => void;

/**
 * One's agents, as far as they were scrolled to. What is seen stays fresh: of ten thousand only the pages of which rows
 * are on the screen are asked for again. Rows say so by `watch`, as long as they are drawn.
 */
export function useAgents(search: ListSearch) {
  const query = { ...search, limit: LIMIT };
  const init = { params: { query } };
  const found = $api.useInfiniteQuery('get', OVERVIEW, init, {
    pageParamName: 'cursor',
    initialPageParam: null,
    getNextPageParam: (page: Page) => page.next ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
  });
  const seen = useRef(new Map<number, number>());
  const watch = useCallback<Watch>((page) => {
    const count = (by: number) => seen.current.set(page, (seen.current.get(page) ?? 0) + by);
    count(1);
    return () => void count(-1);
  }, []);
  const key = JSON.stringify(['get', OVERVIEW, init]);
  const queries = useQueryClient();
  useEffect(() => {
    const queryKey: unknown[] = JSON.parse(key);
    const { params } = queryKey[2] as typeof init;
    let busy = false;
    const again = async () => {
      const now = queries.getQueryData<InfiniteData<Page, string | null>>(queryKey);
      if (busy || !now || document.hidden) return;
      busy = true;
      try {
        for (const [index, cursor] of now.pageParams.entries()) {
          if (!seen.current.get(index)) continue;
          const { data } = await api.GET(OVERVIEW, { params: { query: { ...params.query, cursor } } });
          if (!data) continue;
          const before = queries.getQueryData<InfiniteData<Page, string | null>>(queryKey);
          const after = before && merged(before, index, data);
          if (after) queries.setQueryData(queryKey, after);
          else void queries.invalidateQueries({ queryKey });
        }
      } catch {
        // it is said above the page that the platform is not reached; what is shown stays
      } finally {
        busy = false;
      }
    };
    const timer = setInterval(() => void again(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [key, queries]);
  const rows = useMemo(() => rowsOf(found.data?.pages ?? []), [found.data]);
  return { ...found, rows, watch };
}
