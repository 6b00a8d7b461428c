import { useTranslation } from 'react-i18next';
import { Empty } from '@/parts/states';
import { Tile } from './Tile';
import classes from './tv.module.css';
import { useFullScreen, useRotation } from './useTv';
import { useWall } from './useWall';
import type { Place } from './wall';

const PLACES = 4; // one in front, the next beside it
const BESIDE = ['b', 'c', 'd'];

/** Big boards on the whole screen, one in front after the other. leave: back to the page. */
export function Tv({ game, leave }: { game?: string; leave: () => void }) {
  const { t } = useTranslation('watch');
  const { wall, end } = useWall(game, PLACES);
  const places = wall.filter((place): place is Place => place !== null);
  const { front, paused, told } = useRotation(places);
  useFullScreen(leave);
  let beside = 0;
  return (
    <section className={classes.tv} aria-label={t('tv.title')}>
      {places.length === 0 && (
        <div className={classes.nothing}>
          <Empty title={t('empty.title')}>{t('empty.tv')}</Empty>
        </div>
      )}
      {places.map((place) => {
        const big = place.item.match === front;
        return (
          <Tile
            key={place.item.match}
            place={place}
            big={big}
            area={big ? 'front' : BESIDE[beside++ % BESIDE.length]}
            end={end}
          />
        );
      })}
      <p className={classes.keys} data-gone={(!told && !paused) || undefined} role="status">
        {t(paused ? 'tv.paused' : 'tv.keys')}
      </p>
    </section>
  );
}
