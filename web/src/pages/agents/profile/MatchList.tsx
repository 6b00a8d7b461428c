import { Group, Text } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import type { TFunction } from 'i18next';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { useRefresh } from '@/live/hooks';
import { Ago, number } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { TextLink } from '@/parts/links';
import { AgentName, Change, GameName, Outcome, resultOf, Status } from '@/parts/names';
import { Empty, Failed, Loading } from '@/parts/states';

type Match = Shown<'Match'>;
type Page = Shown<'Page_arena.store.reading.Match_'>;
const helper = createColumnHelper<Match>();
const FEW = 8;
const MANY = 50;
const LIVE_PAGES_MAX = 2; // whoever scrolled further back reads; the list does not move below them
const OPPONENTS_SHOWN = 2;
const HEIGHT_PX = 560;

/** What it played, newest first; live. few: the newest ones alone. */
export function MatchList({ agent, game, few }: { agent: string; game?: string; few?: boolean }) {
  const { t } = useTranslation('agent');
  const query = { agent, game, limit: few ? FEW : MANY };
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = $api.useInfiniteQuery(
    'get',
    '/api/matches',
    { params: { query } },
    {
      pageParamName: 'cursor',
      initialPageParam: null,
      getNextPageParam: (page: Page) => (few ? undefined : (page.next ?? undefined)),
    },
  );
  const live = (data?.pages.length ?? 1) <= LIVE_PAGES_MAX;
  useRefresh(live ? { agent } : null, ['get', '/api/matches', { params: { query } }]);
  const rows = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  const columns = useMemo(() => columnsOf(t, agent, !game, !few), [t, agent, game, few]);
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading height={240} />;
  return (
    <Listing
      label={t('tab.matches')}
      rows={rows}
      columns={columns}
      rowId={({ id }) => id}
      hasMore={few ? rows.length === FEW : hasNextPage}
      loadingMore={isFetchingNextPage}
      loadMore={few ? undefined : fetchNextPage}
      height={HEIGHT_PX}
      empty={<Empty title={t('matches.none')} />}
    />
  );
}

const ownSeat = (match: Match, agent: string) => match.seats.find((seat) => seat.agent === agent);

/** games, faults: whether there are columns of these. */
const columnsOf = (t: TFunction<'agent'>, agent: string, games: boolean, faults: boolean): Columns<Match> =>
  [
    helper.display({
      id: 'result',
      header: () => t('matches.result'),
      cell: ({ row: { original } }) => <Came match={original} agent={agent} />,
    }),
    helper.display({
      id: 'against',
      header: () => t('matches.against'),
      cell: ({ row: { original } }) => <Against match={original} agent={agent} />,
    }),
    ...(games
      ? [
          helper.display({
            id: 'game',
            header: () => t('game'),
            meta: { wide: true },
            cell: ({ row: { original } }) => <GameName game={original.game} />,
          }),
        ]
      : []),
    helper.display({
      id: 'change',
      header: () => t('matches.change'),
      meta: { wide: true },
      cell: ({ row: { original } }) => {
        const own = ownSeat(original, agent);
        return <Change before={own?.mu_before} after={own?.mu_after} />;
      },
    }),
    ...(faults
      ? [
          helper.display({
            id: 'faults',
            header: () => t('matches.faults'),
            meta: { wide: true },
            cell: ({ row: { original } }) => {
              const charged = ownSeat(original, agent)?.faults ?? 0;
              return (
                <Text size="sm" c={charged ? 'red' : 'dimmed'}>
                  {number(charged)}
                </Text>
              );
            },
          }),
        ]
      : []),
    helper.display({
      id: 'when',
      header: () => t('matches.when'),
      cell: ({ row: { original } }) => (
        <TextLink to="/matches/$match" params={{ match: original.id }} size="sm" style={{ whiteSpace: 'nowrap' }}>
          <Ago at={original.created_ms} />
        </TextLink>
      ),
    }),
  ] as Columns<Match>;

function Came({ match, agent }: { match: Match; agent: string }) {
  const own = ownSeat(match, agent);
  return (
    <div style={{ minWidth: 92 }}>
      {match.status !== 'ended' || !own ? (
        <Status status={match.status} />
      ) : (
        <Outcome result={resultOf(match, own.seat)} place={own.placement} />
      )}
    </div>
  );
}

function Against({ match, agent }: { match: Match; agent: string }) {
  const { t } = useTranslation('agent');
  const own = ownSeat(match, agent);
  const others = match.seats.filter((seat) => seat !== own);
  if (others.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('matches.alone')}
      </Text>
    );
  return (
    <Group gap={6} wrap="nowrap" maw={260}>
      {others.slice(0, OPPONENTS_SHOWN).map((seat) => (
        <AgentName key={seat.seat} id={seat.agent} name={seat.agent_name} version={seat.version} />
      ))}
      {others.length > OPPONENTS_SHOWN && (
        <Text span c="dimmed" size="sm">
          +{others.length - OPPONENTS_SHOWN}
        </Text>
      )}
    </Group>
  );
}
