import { Button, SimpleGrid, Text } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useDeferredValue, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { current } from '@/i18n';
import { number } from '@/parts/format';
import { Page } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { type Activity, entriesOf, fits } from './catalogue';
import type { ListedGame } from './details';
import { Filters } from './Filters';
import { GameCard } from './GameCard';
import type { CatalogueSearch } from './search';

const ACTIVITY_MS = 10_000;

/** The catalogue: every game, to be searched. */
export function Games() {
  const { t } = useTranslation('games');
  const games = $api.useQuery('get', '/api/games', {}, { staleTime: 300_000 });
  const activity = $api.useQuery('get', '/api/activity', {}, { refetchInterval: ACTIVITY_MS });
  const query = {
    data: games.data && (activity.data || activity.error) ? games.data : undefined,
    error: games.error,
    refetch: games.refetch,
  };
  return (
    <Page title={t('title')} note={t('note')}>
      <Await query={query} height={600}>
        {(found) => <Catalogue games={found} activities={activity.data ?? []} />}
      </Await>
    </Page>
  );
}

function Catalogue({ games, activities }: { games: ListedGame[]; activities: Activity[] }) {
  const { t } = useTranslation('games');
  const wanted = useSearch({ from: '/games/' });
  const navigate = useNavigate({ from: '/games/' });
  const want = (change: Partial<CatalogueSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const language = current();
  const entries = useMemo(() => entriesOf(games, activities, language), [games, activities, language]);
  const settled = useDeferredValue(wanted);
  const found = entries.filter((entry) => fits(entry, settled));
  return (
    <>
      <Filters entries={entries} wanted={wanted} want={want} />
      <Text size="sm" c="dimmed" role="status">
        {t('found', { count: found.length, shown: number(found.length), all: number(entries.length) })}
      </Text>
      {found.length === 0 ? (
        <Empty title={t('none.title')}>
          <Button variant="light" onClick={() => void navigate({ search: {}, replace: true })}>
            {t('none.all')}
          </Button>
        </Empty>
      ) : (
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 4 }} spacing="md">
          {found.map((entry) => (
            <GameCard key={entry.game.name} entry={entry} />
          ))}
        </SimpleGrid>
      )}
    </>
  );
}
