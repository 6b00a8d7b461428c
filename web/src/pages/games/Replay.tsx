import { Group, Select, Text } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { ago } from '@/parts/format';
import { TextLink } from '@/parts/links';
import { Seats } from '@/parts/names';
import { Section } from '@/parts/Page';
import { Await, Loading } from '@/parts/states';
import { Nothing } from './Nothing';
import { Player } from './Player';

const RECENT = 12;
const STAGE_PX = 560;

/** A recent match, to see what the game looks like. */
export function Replay({ game }: { game: Shown<'ShownGame'> }) {
  const { match } = useSearch({ from: '/games/$game' });
  const recent = $api.useQuery(
    'get',
    '/api/matches',
    { params: { query: { game: game.name, status: 'ended', limit: RECENT } } },
    { staleTime: Number.POSITIVE_INFINITY }, // what one looks at does not go away
  );
  // A link may lead to one that is no longer among the recent ones.
  const older = match !== undefined && recent.data?.items.every((one) => one.id !== match) === true;
  const named = $api.useQuery(
    'get',
    '/api/matches/{match_id}',
    { params: { path: { match_id: match ?? '' } } },
    { staleTime: Number.POSITIVE_INFINITY, enabled: older },
  );
  return (
    <Await query={recent} height={STAGE_PX}>
      {({ items }) => {
        if (named.isLoading) return <Loading height={STAGE_PX} />;
        const matches = older && named.data?.game === game.name ? [named.data, ...items] : items;
        return matches.length > 0 ? <Chosen game={game} matches={matches} /> : <Nothing game={game.name} />;
      }}
    </Await>
  );
}

function Chosen({ game, matches }: { game: Shown<'ShownGame'>; matches: Shown<'Match'>[] }) {
  const { t } = useTranslation('games');
  const search = useSearch({ from: '/games/$game' });
  const navigate = useNavigate({ from: '/games/$game' });
  const want = (change: { match?: string; ply?: number }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  // The longest of the recent ones says most about the game.
  const longest = matches.reduce((best, one) => (one.plies > best.plies ? one : best));
  const match = matches.find((one) => one.id === search.match) ?? longest;
  const named = (one: Shown<'Match'>) =>
    `${one.seats.map((seat) => seat.agent_name ?? seat.agent).join(' · ')}, ${ago(one.ended_ms ?? one.created_ms)}`;
  return (
    <Section
      title={t('replay.title')}
      actions={
        <TextLink to="/matches/$match" params={{ match: match.id }} size="sm">
          {t('replay.open')}
        </TextLink>
      }
    >
      <Group justify="space-between" mb="sm" gap="sm">
        <Seats seats={match.seats} />
        <Select
          aria-label={t('replay.choose')}
          data={matches.map((one) => ({ value: one.id, label: named(one) }))}
          value={match.id}
          onChange={(id) => want({ match: id ?? undefined, ply: undefined })}
          allowDeselect={false}
          w={{ base: '100%', sm: 380 }}
          size="sm"
        />
      </Group>
      <Player
        key={match.id}
        match={match}
        title={game.title}
        first={Math.min(search.ply ?? Math.floor((match.plies * 2) / 3), match.plies)}
        keep={(ply) => want({ match: match.id, ply })}
      />
      {match.detail && (
        <Text size="sm" c="dimmed" mt="sm">
          {match.detail}
        </Text>
      )}
    </Section>
  );
}
