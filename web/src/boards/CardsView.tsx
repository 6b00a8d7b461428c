import { useTranslation } from 'react-i18next';
import classes from './cards.module.css';
import { seatColour } from './colours';
import { cardName, faceOf } from './described';
import { CARD, handWidth } from './extent';
import { SUITS } from './men';
import type { Cards } from './types';

/** A hand, a trick or a pile. name: of the seat, where it is known. */
export function CardsView({ part, name }: { part: Cards; name?: string }) {
  const { t } = useTranslation('boards');
  const label = name ?? part.label;
  const cards = part.cards.map((card) => cardName(card, t)).join(', ') || t('noCards');
  const count = part.cards.length;
  const width = handWidth(count);
  const step = count > 1 ? Math.min(CARD, (width - CARD) / (count - 1)) : CARD;
  return (
    <div className={classes.hand}>
      <div className={classes.holder} style={part.seat == null ? undefined : { color: seatColour(part.seat) }}>
        <b>{label}</b>
        {part.active && <span className={classes.turn}>{t('toAct')}</span>}
        {part.note && <span className={classes.remark}>{part.note}</span>}
      </div>
      <div className={classes.cards} role="img" aria-label={t('hand', { label, cards })}>
        {part.cards.map((card, at) => (
          <Card
            // biome-ignore lint/suspicious/noArrayIndexKey: a hand may hold the same card twice
            key={at}
            card={card}
            overlap={at === 0 ? 0 : step - CARD}
          />
        ))}
      </div>
    </div>
  );
}

/** Ranks of coloured suits, as in Hanabi: R3. */
const COLOURED = /^([RYGWB])([1-5])$/;

function Card({ card, overlap }: { card: string; overlap: number }) {
  const style = overlap ? { marginInlineStart: `calc(${overlap} * var(--u))` } : undefined;
  if (card === '?') return <span className={classes.card} data-back style={style} />;
  const face = faceOf(card);
  if (face) {
    return (
      <span className={classes.card} data-red={face.suit === '♥' || face.suit === '♦' || undefined} style={style}>
        <span className={classes.rank}>{face.rank}</span>
        <svg className={classes.suit} viewBox="0 0 100 100" aria-hidden>
          <path d={SUITS[face.suit]} />
        </svg>
      </span>
    );
  }
  const coloured = COLOURED.exec(card);
  return (
    <span className={classes.card} data-suit={coloured?.[1]} style={style}>
      <span className={classes.word} data-long={card.length > 3 || undefined}>
        {coloured?.[2] ?? card}
      </span>
    </span>
  );
}
