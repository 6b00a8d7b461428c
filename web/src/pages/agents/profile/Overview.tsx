import { Grid, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { number, percent } from '@/parts/format';
import { TextLink } from '@/parts/links';
import { Section, Stat } from '@/parts/Page';
import { Empty, Loading } from '@/parts/states';
import type { View } from '../Agent';
import { Now } from '../care/Now';
import { GameChoice, useGame } from './GameChoice';
import { MatchList } from './MatchList';

const Curve = lazy(() => import('./Curve'));
const SURE = 1.96; // standard deviations: 95 %
export const CURVE_PX = 280;

/** How it stands in one game, what it is doing now, and what it played last. */
export function Overview({ profile, own, search, change }: View) {
  const { t } = useTranslation('agent');
  const standing = useGame(profile, search.game);
  return (
    <Stack gap="md">
      {standing ? (
        <>
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            <Stat
              label={t('stat.rating')}
              value={number(standing.mu, 1)}
              note={t('stat.within', {
                low: number(standing.mu - SURE * standing.sigma, 1),
                high: number(standing.mu + SURE * standing.sigma, 1),
              })}
            />
            <Stat
              label={t('stat.rank')}
              value={`#${number(standing.rank)}`}
              note={
                <TextLink to="/games/$game" params={{ game: standing.game }} search={{ tab: 'leaderboard' }}>
                  {t('stat.leaderboard')}
                </TextLink>
              }
            />
            <Stat label={t('stat.played')} value={number(standing.played)} note={t('stat.rated')} />
            <Stat
              label={t('stat.record')}
              value={standing.played ? percent((standing.won + standing.drawn / 2) / standing.played) : '–'}
              note={t('stat.wdl', { won: standing.won, drawn: standing.drawn, lost: standing.lost })}
            />
          </SimpleGrid>
          <Section
            title={t('curve.title')}
            actions={<GameChoice profile={profile} game={standing.game} change={(game) => change({ game })} />}
          >
            <Suspense fallback={<Loading height={CURVE_PX} />}>
              <Curve agent={profile.id} game={standing.game} />
            </Suspense>
          </Section>
        </>
      ) : (
        <Section title={t('curve.title')}>
          <Empty title={t('curve.none')}>
            {own ? (
              <TextLink to="/agents/$agent" params={{ agent: profile.id }} search={{ tab: 'mount' }}>
                {t('now.mount')}
              </TextLink>
            ) : (
              t('curve.noneNote')
            )}
          </Empty>
        </Section>
      )}
      <Grid gap="md">
        {own && (
          <Grid.Col span={{ base: 12, lg: 5 }}>
            <Now agent={profile.id} />
          </Grid.Col>
        )}
        <Grid.Col span={{ base: 12, lg: own ? 7 : 12 }}>
          <Section
            title={t('matches.recent')}
            actions={
              <TextLink to="/agents/$agent" params={{ agent: profile.id }} search={{ tab: 'matches' }} size="sm">
                {t('matches.all')}
              </TextLink>
            }
          >
            <MatchList agent={profile.id} few />
          </Section>
        </Grid.Col>
      </Grid>
      {profile.ratings.length > 1 && standing && (
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {t('stat.others')}
          </Text>
          {profile.ratings.slice(0, 12).map(({ game, mu }) => (
            <TextLink
              key={game}
              to="/agents/$agent"
              params={{ agent: profile.id }}
              search={{ ...search, game }}
              size="sm"
              resetScroll={false}
            >
              {game} {number(mu, 1)}
            </TextLink>
          ))}
        </Group>
      )}
    </Stack>
  );
}
