import { keepPreviousData } from '@tanstack/react-query';
import { useMemo } from 'react';
import { $api } from '@/api/client';
import type { Board } from '@/boards';
import type { Choice } from '../choices';
import type { SeatState } from '../seat/state';

const SOON_MS = 150; // the record of a match is written a moment after the turn is sent

export interface Guided {
  ply: number;
  /** As the seat sees it; null: it sees what everybody sees. */
  board: Board | null;
  choices: readonly Choice[];
}

/** What the platform tells of the person's newest turn: its actions by name, and what the seat sees. */
export function useGuide({ agent, match, turn, stage }: SeatState, recorded: boolean): Guided | null {
  const ply = turn?.ply ?? 0;
  const { data } = $api.useQuery(
    'get',
    '/api/agents/{agent_id}/trail',
    {
      params: {
        path: { agent_id: agent ?? '' },
        query: { match: match ?? '', cursor: ply, limit: 1, guide: true },
      },
    },
    {
      enabled: recorded && agent !== null && match !== null && turn !== null && stage === 'playing',
      refetchInterval: ({ state }) =>
        state.data && (state.data.items.length > 0 || state.data.problem) ? false : SOON_MS,
      placeholderData: keepPreviousData,
    },
  );
  return useMemo(() => {
    const own = data?.match === match ? data?.items[0] : undefined;
    if (!own) return null;
    const { board = null, choices = [] } = own.guide ?? {};
    return { ply: own.ply, board, choices } as Guided;
  }, [data, match]);
}
