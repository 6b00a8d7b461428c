import { Badge } from '@mantine/core';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Following, Hidden, LiveBoard } from '@/boards';
import { BEGINNING } from '@/boards/following';
import { useLive } from '@/live/hooks';
import { TextLink } from '@/parts/links';
import { Elapsed } from './Clock';
import { Result } from './Result';
import { SeatRows } from './SeatRows';
import { Signal } from './signal';
import { type Item, type Place, reasons } from './wall';
import classes from './watch.module.css';

/** A match on the wall. big: in front, in TV mode. end: it is over. */
export const Tile = memo(function Tile({
  place,
  big = false,
  area,
  end,
}: {
  place: Place;
  big?: boolean;
  area?: string;
  end: (match: string) => void;
}) {
  const { t } = useTranslation('watch');
  const { item, endedAt } = place;
  const [following] = useState(() => new Signal<Following>(BEGINNING));
  const names = item.seats.map((seat) => seat.agent_name ?? seat.agent);
  const label = t('label', { game: item.title, names: names.join(t('against')) });
  const [why] = reasons(item);
  return (
    <article className={classes.tile} aria-label={label} data-big={big || undefined} style={{ gridArea: area }}>
      <header className={classes.head}>
        <h2>
          <TextLink to="/matches/$match" params={{ match: item.match }} className={classes.open} inherit>
            {item.title}
          </TextLink>
        </h2>
        {why && (
          <Badge size={big ? 'lg' : 'sm'} variant="light" color="ember" tt="none" fw={500} className={classes.why}>
            {t(`why.${why}`)}
          </Badge>
        )}
        <span className={classes.clock}>
          <Elapsed since={item.started_ms} until={endedAt} />
        </span>
      </header>
      <div className={classes.stage}>
        {item.board ? (
          <LiveBoard
            match={item.match}
            label={label}
            seats={names}
            onChange={(now) => {
              following.set(now);
              if (now.state === 'over') end(item.match);
            }}
          />
        ) : (
          <Unseen item={item} end={end} />
        )}
        {endedAt !== null && <Result match={item.match} />}
      </div>
      <SeatRows seats={item.seats} following={following} />
    </article>
  );
});

/** A match whose positions are not told while it is played. */
function Unseen({ item, end }: { item: Item; end: (match: string) => void }) {
  useLive({ match: item.match, kinds: ['ended', 'voided'] }, (message) => {
    if (message.op === 'event') end(item.match);
  });
  return <Hidden />;
}
