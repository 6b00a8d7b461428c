import { Group, Paper, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { useRefresh } from '@/live/hooks';
import { Listing } from '@/parts/Listing';
import { Await, Empty } from '@/parts/states';
import { useMe } from '@/session';
import { FormDialog } from './FormDialog';
import { Nothing } from './Nothing';
import { useColumns } from './places';
import { type GameSearch, WHOSE } from './search';
import { useSparklines } from './sparklines';

const PAGE = 100;
const SEARCH_MS = 250;

/** How agents stand in a game, best first. */
export function Leaderboard({ game }: { game: Shown<'ShownGame'> }) {
  const { t } = useTranslation('games');
  const me = useMe();
  const search = useSearch({ from: '/games/$game' });
  const navigate = useNavigate({ from: '/games/$game' });
  const want = (change: Partial<GameSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  return (
    <Paper withBorder p="md">
      <Group gap="sm" mb="sm">
        <TextInput
          type="search"
          aria-label={t('board.search')}
          placeholder={t('board.search')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search.name ?? ''}
          onChange={(event) => want({ name: event.currentTarget.value || undefined })}
          w={{ base: '100%', xs: 220 }}
        />
        <SegmentedControl
          aria-label={t('board.whose')}
          value={search.whose ?? ''}
          onChange={(whose) => want({ whose: WHOSE.find((one) => one === whose) })}
          data={[
            { value: '', label: t('board.everybody') },
            ...WHOSE.filter((one) => one !== 'mine' || me).map((value) => ({ value, label: t(`board.${value}`) })),
          ]}
        />
        <Switch
          label={t('board.settled')}
          checked={search.settled ?? false}
          onChange={(event) => want({ settled: event.currentTarget.checked || undefined })}
        />
      </Group>
      <Places game={game} search={search} mine={me?.id} showForm={(form) => want({ form })} />
      <FormDialog game={game} agent={search.form} close={() => want({ form: undefined })} />
    </Paper>
  );
}

interface PlacesProps {
  game: Shown<'ShownGame'>;
  search: GameSearch;
  mine: string | undefined;
  showForm: (agent: string) => void;
}

function Places({ game, search, mine, showForm }: PlacesProps) {
  const { t } = useTranslation('games');
  const [name] = useDebouncedValue(search.name, SEARCH_MS);
  const house = search.whose === 'house' ? true : search.whose === 'others' ? false : undefined;
  const owner = search.whose === 'mine' ? mine : undefined;
  const board = $api.useInfiniteQuery(
    'get',
    '/api/games/{game}/leaderboard',
    {
      params: {
        path: { game: game.name },
        query: { search: name, house, owner, provisional: search.settled ? false : undefined, limit: PAGE },
      },
    },
    {
      pageParamName: 'cursor',
      initialPageParam: null,
      getNextPageParam: (page) => page.next ?? undefined,
      placeholderData: (before) => before, // a changed filter does not empty the list first
    },
  );
  useRefresh({ game: game.name, kinds: ['ended'] }, ['get', '/api/games/{game}/leaderboard']);
  const rows = useMemo(() => board.data?.pages.flatMap((page) => page.items) ?? [], [board.data]);
  const lines = useSparklines(game.name, board.data?.pages ?? []);
  const columns = useColumns(game.rating, rows, lines, showForm);
  const filtered = Boolean(search.name || search.whose || search.settled);
  return (
    <Await query={board} height={400}>
      {() => (
        <Listing
          label={t('board.label')}
          rows={rows}
          columns={columns}
          rowId={(place) => place.agent}
          hasMore={board.hasNextPage}
          loadingMore={board.isFetchingNextPage}
          loadMore={board.fetchNextPage}
          empty={filtered ? <Empty title={t('board.none')}>{t('board.noneNote')}</Empty> : <Nothing game={game.name} />}
        />
      )}
    </Await>
  );
}
