import { Badge, Group, Stack, Tabs } from '@mantine/core';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { isProblem } from '@/api/problem';
import { ButtonLink, TextLink } from '@/parts/links';
import { Page } from '@/parts/Page';
import { Await, Empty, Loading } from '@/parts/states';
import { detailsOf, familyOf } from './details';
import classes from './games.module.css';
import { Rules } from './Rules';
import { TABS } from './search';
import { useTags } from './tags';

// Each with its charts and boards, when it is looked at.
const Replay = lazy(async () => ({ default: (await import('./Replay')).Replay }));
const Leaderboard = lazy(async () => ({ default: (await import('./Leaderboard')).Leaderboard }));
const Pairings = lazy(async () => ({ default: (await import('./Pairings')).Pairings }));
const Ratings = lazy(async () => ({ default: (await import('./Ratings')).Ratings }));

/** A game: its rules, a match of it, and how agents stand. */
export function Game() {
  const { t } = useTranslation('games');
  const { game: name } = useParams({ from: '/games/$game' });
  const game = $api.useQuery('get', '/api/games/{game}', { params: { path: { game: name } } }, { staleTime: 300_000 });
  if (isProblem(game.error, 404)) {
    return (
      <Page title={name}>
        <Empty title={t('unknown', { name })}>
          <TextLink to="/games">{t('title')}</TextLink>
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title={game.data?.title ?? name}
      note={game.data && <Facts game={game.data} />}
      actions={
        <>
          <ButtonLink to="/matches" search={{ game: name }} variant="default">
            {t('to.matches')}
          </ButtonLink>
          <ButtonLink to="/compare" search={{ game: name }} variant="default">
            {t('to.compare')}
          </ButtonLink>
        </>
      }
    >
      <Await query={game} height={520}>
        {(found) => <Parts game={found} />}
      </Await>
    </Page>
  );
}

function Facts({ game }: { game: Shown<'ShownGame'> }) {
  const { t } = useTranslation('games');
  const tagged = useTags();
  const details = detailsOf(game);
  return (
    <Group gap={6} mt={6}>
      <Badge variant="light" radius="sm" tt="none" fw={500}>
        {t('seats', { count: game.seats })}
      </Badge>
      <Badge variant="default" radius="sm" tt="none" fw={500}>
        {familyOf(details)}
      </Badge>
      {details.tags.map((tag) => (
        <Badge key={tag} variant="default" radius="sm" tt="none" fw={500}>
          {tagged(tag)}
        </Badge>
      ))}
    </Group>
  );
}

function Parts({ game }: { game: Shown<'ShownGame'> }) {
  const { t } = useTranslation('games');
  const search = useSearch({ from: '/games/$game' });
  const navigate = useNavigate({ from: '/games/$game' });
  const tab = search.tab ?? 'rules';
  // A matrix and seats compare agents that met.
  const tabs = TABS.filter((one) => one !== 'pairings' || game.seats > 1);
  return (
    <Tabs
      value={tab}
      keepMounted={false}
      onChange={(chosen) =>
        void navigate({ search: { tab: TABS.find((one) => one === chosen && one !== 'rules') }, resetScroll: false })
      }
    >
      <Tabs.List className={classes.tabs} mb="md">
        {tabs.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {t(`tab.${one}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map((one) => (
        <Tabs.Panel key={one} value={one}>
          <Suspense fallback={<Loading height={420} />}>
            <Stack gap="md">
              {one === 'rules' && <Rules game={game} />}
              {one === 'replay' && <Replay game={game} />}
              {one === 'leaderboard' && <Leaderboard game={game} />}
              {one === 'pairings' && <Pairings game={game.name} />}
              {one === 'ratings' && <Ratings game={game} />}
            </Stack>
          </Suspense>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
