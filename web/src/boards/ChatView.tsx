import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './chat.module.css';
import { seatColour } from './colours';
import type { Chat, Message } from './types';

/** What was said, as bubbles by seat, the newest at the bottom. nameOf: a seat's name; scrolls: by hand. */
export function ChatView({
  part,
  label,
  nameOf,
  scrolls,
}: {
  part: Chat;
  label: string;
  nameOf: (seat: number) => string;
  scrolls: boolean;
}) {
  const { t } = useTranslation('boards');
  const before = part.left_out ?? 0;
  const list = useNewest(before + part.messages.length);
  const pair = part.messages.every((said) => (said.seat ?? 0) < 2);
  return (
    <div
      ref={list}
      className={classes.chat}
      role="log"
      aria-label={label}
      aria-live="off"
      tabIndex={scrolls ? 0 : undefined}
    >
      {before > 0 && <p className={classes.before}>{t('leftOut', { count: before })}</p>}
      {part.messages.length === 0 && <p className={classes.before}>{t('silence')}</p>}
      {part.messages.map((said, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a message is its place among all
        <Bubble key={before + at} said={said} right={pair && said.seat === 1} nameOf={nameOf} />
      ))}
    </div>
  );
}

function Bubble({ said, right, nameOf }: { said: Message; right: boolean; nameOf: (seat: number) => string }) {
  const { t } = useTranslation('boards');
  const to = said.to?.length ? t('to', { names: said.to.map(nameOf).join(', ') }) : '';
  const seat = said.seat ?? null;
  return (
    <div
      className={classes.bubble}
      data-who={seat === null ? 'game' : right ? 'right' : 'left'}
      style={seat === null ? undefined : ({ '--seat': seatColour(seat) } as React.CSSProperties)}
    >
      <div className={classes.speaker}>
        {seat === null ? t('game') : nameOf(seat)}
        {to && <span className={classes.remark}> {to}</span>}
      </div>
      <div className={classes.words}>{said.text}</div>
    </div>
  );
}

/** A list that stays at its newest end, unless somebody scrolled back. count: grows with each message. */
function useNewest(count: number) {
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    const onScroll = () => {
      follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each message
  useEffect(() => {
    if (list.current && follows.current) list.current.scrollTop = list.current.scrollHeight;
  }, [count]);
  return list;
}
