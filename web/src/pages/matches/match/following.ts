// A match as it goes on: what the tables say of it, and the record that its events make.

import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { $api, api, type Shown } from '@/api/client';
import { useLive } from '@/live/hooks';
import { beforePaint, forget } from '@/live/painting';
import { EMPTY, fold, type Logged, type MatchRecord } from './record';
import { askAgain, isOver } from './settling';

export type Details = Shown<'Details'>;

const PAGE = 500;

/** What the tables say. over: the log says that the match is over, so they soon will, ratings included. */
export function useDetails(match: string, over: boolean) {
  return $api.useQuery(
    'get',
    '/api/matches/{match_id}',
    { params: { path: { match_id: match } } },
    {
      refetchInterval: ({ state: { data, dataUpdateCount } }) => over && data && askAgain(data, dataUpdateCount),
    },
  );
}

/** The record: from the tables what they have, then event by event from the log. */
export function useRecord(match: string) {
  const log = useQuery({ queryKey: ['match-log', match], queryFn: () => readLog(match), staleTime: Infinity });
  const known = useMemo(() => fold(EMPTY, log.data ?? []), [log.data]);
  const [heard, setHeard] = useState(EMPTY);
  const record = heard.seq > known.seq ? heard : known;
  const waiting = useRef<Logged[]>([]);
  useEffect(() => () => void forget(waiting), []);
  const wanted = log.data && record.end === null ? { match, after: known.seq } : null;
  useLive(wanted, (message) => {
    if (message.op !== 'event') return;
    waiting.current.push({ seq: Number(message.seq), at_ms: Number(message.at_ms), event: message.event });
    beforePaint(waiting, () => {
      const fresh = waiting.current;
      waiting.current = [];
      setHeard((before) => fold(before.seq > known.seq ? before : known, fresh));
    });
  });
  return { record, complete: known.end !== null, log };
}

/** A match that ended while one looked at it: what was kept back till then is there now. */
export function useRevealed(
  { record, complete, log }: ReturnType<typeof useRecord>,
  details: Details | undefined,
): MatchRecord {
  const { refetch, isFetching } = log;
  const due = details !== undefined && isOver(details.status) && !complete && log.data !== undefined;
  useEffect(() => {
    if (due && !isFetching) void refetch();
  }, [due, isFetching, refetch]);
  return record;
}

async function readLog(match: string): Promise<Logged[]> {
  const found: Logged[] = [];
  let cursor: number | undefined;
  do {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const { data } = await api.GET('/api/matches/{match_id}/events', { params: { path: { match_id: match }, query } });
    for (const one of data?.items ?? []) found.push({ seq: one.seq, at_ms: one.stored_ms, event: one.payload });
    cursor = data?.next == null ? undefined : Number(data.next);
  } while (cursor !== undefined);
  return found;
}
