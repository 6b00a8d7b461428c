import { Button, Group, SegmentedControl, Select } from '@mantine/core';
import { useViewportSize } from '@mantine/hooks';
import { IconDeviceTv } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { ButtonLink } from '@/parts/links';
import { Page } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { MANY } from './search';
import { Tile } from './Tile';
import { Tv } from './Tv';
import { useWall } from './useWall';
import { fitting } from './wall';
import classes from './watch.module.css';

const route = getRouteApi('/watch');

/** What is played now and worth a look, on a wall of live boards. */
export function Watch() {
  const { t } = useTranslation('watch');
  const { game, many, tv } = route.useSearch();
  const navigate = route.useNavigate();
  if (tv)
    return (
      <Tv
        game={game}
        leave={() => void navigate({ search: (before) => ({ ...before, tv: undefined }), replace: true })}
      />
    );
  return (
    <Page
      title={t('title')}
      note={t('note')}
      actions={
        <Button
          leftSection={<IconDeviceTv size={18} aria-hidden />}
          variant="default"
          onClick={() => void navigate({ search: (before) => ({ ...before, tv: true }) })}
        >
          {t('tv.start')}
        </Button>
      }
    >
      <Choice />
      <Boards game={game} many={many} />
    </Page>
  );
}

/** Which game, and how many boards. */
function Choice() {
  const { t } = useTranslation('watch');
  const { game, many } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: games } = $api.useQuery('get', '/api/games', {}, { staleTime: 300_000 });
  return (
    <Group gap="sm">
      <Select
        aria-label={t('game')}
        placeholder={t('allGames')}
        data={(games ?? []).map(({ name, title }) => ({ value: name, label: title }))}
        value={game ?? null}
        onChange={(value) => void navigate({ search: (before) => ({ ...before, game: value ?? undefined }) })}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': t('allGames') }}
        w={240}
      />
      <SegmentedControl
        aria-label={t('many')}
        data={[
          { value: '', label: t('fitting') },
          ...MANY.map((count) => ({ value: String(count), label: String(count) })),
        ]}
        value={many ? String(many) : ''}
        onChange={(value) => void navigate({ search: (before) => ({ ...before, many: Number(value) || undefined }) })}
      />
    </Group>
  );
}

function Boards({ game, many }: { game?: string; many?: number }) {
  const { t } = useTranslation('watch');
  const { width, height } = useViewportSize();
  const { query, wall, end } = useWall(game, many ?? fitting(width, height));
  return (
    <Await query={query} height={480}>
      {() =>
        wall.length === 0 ? (
          <Empty title={t('empty.title')}>
            <p>{t(game ? 'empty.game' : 'empty.note')}</p>
            <ButtonLink to="/matches" variant="default">
              {t('empty.matches')}
            </ButtonLink>
          </Empty>
        ) : (
          <section className={classes.wall} data-many={(many ?? 0) > 24 || undefined} aria-label={t('wall')}>
            {wall.map((place, at) =>
              place ? (
                <Tile key={place.item.match} place={place} end={end} />
              ) : (
                // biome-ignore lint/suspicious/noArrayIndexKey: a free place is its place
                <div key={at} className={classes.free} aria-hidden />
              ),
            )}
          </section>
        )
      }
    </Await>
  );
}
