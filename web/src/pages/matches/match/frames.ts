// Positions of a match: in pages, loaded ahead, of what is over or was; and live, the newest one as it comes.

import { queryOptions, useQueries } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api, type Shown } from '@/api/client';
import { type Position, useBoard } from '@/boards';
import { PAGE, pagesFor } from './pages';

export type Frame = Position;

const KEPT_MAX = 400; // live frames that are remembered
const AGAIN_MS = 300;

const framesOf = (match: string, page: number) =>
  queryOptions({
    queryKey: ['match-frames', match, page],
    queryFn: async (): Promise<Frame[]> => {
      const query = { from: page * PAGE, count: PAGE };
      const path = { match_id: match };
      const { data } = await api.GET('/api/matches/{match_id}/frames', { params: { path, query } });
      return (data as Shown<'Frames'>).frames as Frame[];
    },
    staleTime: Infinity,
  });

interface Wanted {
  match: string;
  ply: number;
  /** The newest position, and whether more may come. */
  last: number;
  over: boolean;
  /** Whether positions may be seen at all now. */
  open: boolean;
  following: boolean;
}

/** The position that is looked at; while it is on its way, the one before. */
export function useFrame({ match, ply, last, over, open, following }: Wanted) {
  const live = useLiveFrames(open && !over ? match : null);
  const newest = following ? live.newest : undefined;
  const kept = newest ?? live.at(ply);
  const pages = useQueries({
    queries: pagesFor(ply, last).map((page, index) => ({
      ...framesOf(match, page),
      enabled: open && (index > 0 ? over : kept === undefined),
      // Of a match that goes on the tables may be a moment behind what is known here.
      refetchInterval: ({ state: { data } }: { state: { data?: Frame[] | undefined } }) =>
        index === 0 && kept === undefined && data && !data.some((one) => one.ply === ply) ? AGAIN_MS : (false as const),
    })),
  });
  const exact = kept ?? pages[0]?.data?.find((one) => one.ply === ply);
  const before = useRef<Frame | undefined>(undefined);
  useEffect(() => {
    before.current = exact ?? before.current;
  }, [exact]);
  return {
    frame: exact ?? before.current,
    ready: exact !== undefined || !open || pages[0]?.isError === true,
    error: exact ? null : (pages[0]?.error ?? null),
    refused: live.refused,
    retry: () => void pages[0]?.refetch(),
  };
}

/** The newest position of a match that goes on, and those that came before it here. null: nothing is asked. */
function useLiveFrames(match: string | null) {
  const kept = useRef(new Map<number, Frame>());
  const { position, state, detail } = useBoard(match);
  useEffect(() => {
    if (position) kept.current.set(position.ply, position);
    const [oldest] = kept.current.keys();
    if (kept.current.size > KEPT_MAX && oldest !== undefined) kept.current.delete(oldest);
  }, [position]);
  return {
    newest: position ?? undefined,
    refused: state === 'refused' ? detail : '',
    at: (ply: number) => (position?.ply === ply ? position : kept.current.get(ply)),
  };
}
