import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { $api, api, type Shown } from '@/api/client';
import { useLive } from '@/live/hooks';
import { newerThan, type Page, type Pages, restarted, updated } from './pages';

const SETTLE_MS = 1_000;
const HEAD = 60; // newest matches looked at: more new ones are "60+"
const LOOKED_UP_MAX = 10; // further down, that are over now; at a time

type Wanted = Record<string, string | number | undefined>;

/**
 * Follow the log, for a list that does not jump. Matches that are listed change in their places; new ones are counted
 * until `show` puts them at the top. key: of the list's query.
 */
export function useNewest(key: readonly unknown[], wanted: Wanted, rows: Shown<'Match'>[]) {
  const queries = useQueryClient();
  const [head, setHead] = useState<Page>();
  const over = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const state = useRef({ key, wanted, rows });
  state.current = { key, wanted, rows };
  const name = JSON.stringify(key);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins without what was new in the last one
  useEffect(() => setHead(undefined), [name]);
  useEffect(() => () => void (timer.current && clearTimeout(timer.current)), []);

  const look = async () => {
    timer.current = null;
    const asked = state.current;
    const answer = await queries.fetchQuery({
      ...$api.queryOptions('get', '/api/matches', { params: { query: { ...asked.wanted, limit: HEAD } } }),
      staleTime: 0,
    });
    const newest = answer.items.map((match) => match.id);
    const open = asked.rows.filter((match) => match.status === 'running' || match.status === 'created');
    const further = open.filter((match) => over.current.has(match.id) && !newest.includes(match.id));
    over.current.clear();
    const looked = await Promise.all(further.slice(0, LOOKED_UP_MAX).map((match) => lookUp(match.id)));
    if (state.current.key !== asked.key && JSON.stringify(state.current.key) !== JSON.stringify(asked.key)) return;
    const known = [...answer.items, ...looked.filter((match) => match !== undefined)];
    queries.setQueryData<Pages>(asked.key, (before) => before && updated(before, known));
    setHead(answer);
  };

  useLive(
    { game: text(wanted.game), agent: text(wanted.agent), kinds: ['created', 'claimed', 'ended', 'voided'] },
    (message) => {
      if (message.op !== 'event') return;
      if (message.kind === 'ended' || message.kind === 'voided') over.current.add(String(message.match));
      timer.current ??= setTimeout(() => void look().catch(() => undefined), SETTLE_MS);
    },
  );

  const pages = queries.getQueryData<Pages>(key)?.pages ?? [];
  return {
    count: head ? newerThan(head.items, pages) : 0,
    more: head !== undefined && head.next !== null && newerThan(head.items, pages) === head.items.length,
    show: () => head && queries.setQueryData<Pages>(key, restarted(head)),
  };
}

const text = (value: string | number | undefined) => (value === undefined ? undefined : String(value));

async function lookUp(id: string): Promise<Shown<'Match'> | undefined> {
  const { data } = await api.GET('/api/matches/{match_id}', { params: { path: { match_id: id } } });
  return data;
}
