import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { type Following, seatColour } from '@/boards';
import { number } from '@/parts/format';
import { Thinking } from './Clock';
import type { Signal } from './signal';
import classes from './watch.module.css';

const SHOWN_MAX = 4;

/** Who sits where: colour, name, rating, and who is to act. It takes the same place however many there are. */
export function SeatRows({ seats, following }: { seats: Shown<'RunningSeat'>[]; following: Signal<Following> }) {
  const { t } = useTranslation('watch');
  const acts = useSyncExternalStore(following.subscribe, () => toAct(following.get()));
  const shown = seats.length > SHOWN_MAX ? seats.slice(0, SHOWN_MAX - 1) : seats;
  return (
    <ul className={classes.seats} data-many={seats.length > 2 || undefined}>
      {shown.map((seat) => {
        const acting = acts.includes(` ${seat.seat} `);
        return (
          <li key={seat.seat} data-acting={acting || undefined}>
            <i style={{ background: seatColour(seat.seat) }} aria-hidden />
            <b>{seat.agent_name ?? seat.agent}</b>
            {acting && (
              <span className={classes.acts} role="img" aria-label={t('toAct')}>
                <Thinking following={following} />
              </span>
            )}
            <span className={classes.rating}>{seat.mu === null ? t('unrated') : number(seat.mu, 1)}</span>
          </li>
        );
      })}
      {seats.length > SHOWN_MAX && (
        <li className={classes.more}>{t('more', { count: seats.length - shown.length })}</li>
      )}
    </ul>
  );
}

/** Seats that are to act, as one text, so that it is compared by its value; none when all of them are. */
function toAct({ state, position }: Following): string {
  if (state !== 'live' || !position) return '';
  return ` ${position.to_act.join(' ')} `;
}
