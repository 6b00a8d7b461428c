import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { number } from '@/parts/format';
import classes from './watch.module.css';

const AGAIN_MS = 500; // the tables follow the log

/** What came of a match that has just ended, across its board. */
export function Result({ match }: { match: string }) {
  const { t } = useTranslation('watch');
  const { data } = $api.useQuery(
    'get',
    '/api/matches/{match_id}',
    { params: { path: { match_id: match } } },
    { staleTime: 0, refetchInterval: ({ state }) => (isOver(state.data) ? false : AGAIN_MS) },
  );
  return (
    <div className={classes.result} role="status">
      {isOver(data) && data ? t(...outcome(data)) : t('result.over')}
    </div>
  );
}

const isOver = (match: Shown<'Match'> | undefined) => match?.status === 'ended' || match?.status === 'voided';

type Told = ['result.void' | 'result.drawn'] | ['result.won' | 'result.score', { name: string; score: string }];

/** What is to be said of it. */
export function outcome(match: Shown<'Match'>): Told {
  if (match.status === 'voided') return ['result.void'];
  const best = match.seats.filter((seat) => seat.placement === 1);
  const [first] = best;
  const apart = best.every((seat) => seat.team !== null && seat.team === first?.team);
  if (!first || (best.length === match.seats.length && best.length > 1) || (best.length > 1 && !apart))
    return ['result.drawn'];
  const name = best.map((seat) => seat.agent_name ?? seat.agent).join(', ');
  const told = { name, score: number(first.score ?? 0, Number.isInteger(first.score) ? 0 : 1) };
  return match.seats.length === 1 ? ['result.score', told] : ['result.won', told];
}
