import { useEffect } from 'react';
import { $api, type Shown } from '@/api/client';
import { sitting } from './seat/sitting';
import type { SeatState } from './seat/state';

const SOON_MS = 400;
const LATER_MS = 4_000;

/** The match that was made of a seat's request, as the platform's record has it; also for who missed how it ended. */
export function useMade({ request, stage, over, match, turn }: SeatState): Shown<'Match'> | undefined {
  const { data } = $api.useQuery(
    'get',
    '/api/matches',
    { params: { query: { request, limit: 1 } } },
    {
      enabled: request !== null && (stage === 'waiting' || stage === 'playing' || stage === 'over'),
      refetchInterval: ({ state }) => {
        const found = state.data?.items[0];
        if (!found) return SOON_MS;
        return found.status === 'ended' || found.status === 'voided' ? false : LATER_MS;
      },
      staleTime: 0,
    },
  );
  const made = data?.items[0];
  const own = made?.seats.find((seat) => seat.agent === sitting.now().agent);
  useEffect(() => {
    if (!made || !own) return;
    if (stage === 'waiting') sitting.made(made.id);
    if (made.status === 'ended' && !over && stage === 'playing')
      sitting.ended({
        match: made.id,
        seat: own.seat,
        placement: own.placement ?? 0,
        scores: made.seats.map((seat) => seat.score ?? 0),
        placements: made.seats.map((seat) => seat.placement ?? 0),
        cause: made.cause ?? '',
      });
    if (made.status === 'voided' && stage === 'playing' && (!match || match === made.id) && !turn)
      sitting.voided(made.id, made.detail);
  }, [made, own, stage, over, match, turn]);
  return made;
}
