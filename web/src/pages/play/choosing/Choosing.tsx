import { Badge, Button, Chip, Grid, Group, Select, Stack, Text } from '@mantine/core';
import { IconClock, IconPlayerPlay } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { detailsOf, familyOf, type ListedGame } from '@/pages/games/details';
import { TextLink } from '@/parts/links';
import { Section } from '@/parts/Page';
import { Await } from '@/parts/states';
import type { PlaySearch } from '../search';
import { sitting } from '../seat/sitting';
import { goodOpponent } from './good';
import { Opponents } from './Opponents';
import { useLast, useOpponents } from './opponents';
import { Sides } from './Sides';

const route = getRouteApi('/play');
const FIRST = 'tictactoe';
const WELL_KNOWN = [
  'tictactoe',
  'connect_four',
  'othello',
  'chess',
  'go_9x9',
  'hex',
  'checkers',
  'gomoku',
  'texas_holdem',
];

/** Games that can be played at a drawn board: the catalogue says what draws them. */
const drawn = (games: ListedGame[]) => games.filter((game) => Boolean(game.details.renderer));

/** What is to be played, against whom, on which side. */
export function Choosing() {
  const games = $api.useQuery('get', '/api/games', {}, { staleTime: 300_000, select: drawn });
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const choose = (more: PlaySearch) =>
    void navigate({ search: (before) => ({ ...before, ...more }), replace: true, resetScroll: false });
  return (
    <Await query={games} height={420}>
      {(all) => {
        const game = all.find((one) => one.name === search.game) ?? all.find((one) => one.name === FIRST) ?? all[0];
        return game && <Wishing key={game.name} games={all} game={game} search={search} choose={choose} />;
      }}
    </Await>
  );
}

interface Props {
  games: ListedGame[];
  game: ListedGame;
  search: PlaySearch;
  choose: (more: PlaySearch) => void;
}

function Wishing({ games, game, search, choose }: Props) {
  const { t } = useTranslation('play');
  const opponents = useOpponents(game.name);
  const last = useLast(game.name);
  const [seat, setSeat] = useState(search.seat ?? 0);
  const house = opponents.data?.filter((one) => one.house) ?? []; // those are always here
  const good = goodOpponent(house.length > 0 ? house : (opponents.data ?? []), last);
  const named = opponents.data?.find((one) => one.agent === search.opponent) ?? (search.opponent ? undefined : good);
  const pair = game.seats === 2;
  const start = () =>
    void sitting.want({
      game: game.name,
      opponents: pair && named ? [named.agent] : [],
      seat: seat < 0 ? Math.floor(Math.random() * game.seats) : Math.min(seat, game.seats - 1),
    });
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Stack gap="md">
          <Section title={t('game')}>
            <Games games={games} game={game} choose={(name) => choose({ game: name, opponent: undefined })} />
          </Section>
          <Sides game={game} seat={seat} choose={setSeat} />
          <Button
            size="md"
            fullWidth
            onClick={start}
            loading={pair && opponents.isPending}
            leftSection={<IconPlayerPlay size={18} aria-hidden />}
          >
            {pair && named ? t('startAgainst', { name: named.agent_name ?? named.agent }) : t('start')}
          </Button>
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Section title={t('opponent')}>
          {pair ? (
            <Await query={opponents} height={260}>
              {(all) => (
                <Opponents
                  all={all}
                  good={good}
                  last={last}
                  chosen={search.opponent ?? 'good'}
                  choose={(opponent) => choose({ opponent: opponent === 'good' ? undefined : opponent })}
                />
              )}
            </Await>
          ) : (
            <Text size="sm" c="dimmed">
              {game.seats === 1 ? t('alone') : t('many', { count: game.seats - 1 })}
            </Text>
          )}
        </Section>
      </Grid.Col>
    </Grid>
  );
}

function Games({ games, game, choose }: { games: ListedGame[]; game: ListedGame; choose: (name: string) => void }) {
  const { t } = useTranslation('play');
  const details = detailsOf(game);
  const families = new Map<string, { value: string; label: string }[]>();
  for (const one of [...games].sort((a, b) => a.title.localeCompare(b.title))) {
    const family = familyOf(detailsOf(one));
    families.set(family, [...(families.get(family) ?? []), { value: one.name, label: one.title }]);
  }
  const known = WELL_KNOWN.map((name) => games.find((one) => one.name === name)).filter((one) => one !== undefined);
  return (
    <Stack gap="sm">
      <Chip.Group value={game.name} onChange={(name) => choose(String(name))}>
        <Group gap={6} role="group" aria-label={t('wellKnown')}>
          {known.map((one) => (
            <Chip key={one.name} value={one.name} size="sm" variant="light">
              {one.title}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <Select
        label={t('allGames', { count: games.length })}
        searchable
        allowDeselect={false}
        data={[...families].map(([group, items]) => ({ group, items }))}
        value={game.name}
        onChange={(name) => name && choose(name)}
        nothingFoundMessage={t('noGame')}
        maxDropdownHeight={320}
      />
      <Group gap="xs">
        <Badge variant="light" color="gray" leftSection={<IconClock size={12} aria-hidden />}>
          {t('clock')}
        </Badge>
        <Badge variant="light" color="gray">
          {t('unrated')}
        </Badge>
        <Badge variant="light" color={details.perfect_information ? 'gray' : 'violet'}>
          {t(details.perfect_information ? 'open' : 'hidden')}
        </Badge>
      </Group>
      <TextLink to="/games/$game" params={{ game: game.name }} size="sm">
        {t('rules', { title: game.title })}
      </TextLink>
    </Stack>
  );
}
