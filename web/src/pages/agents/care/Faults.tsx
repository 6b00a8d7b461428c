import { Badge, Code, Group, Stack, Text } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import type { TFunction } from 'i18next';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { useRefresh } from '@/live/hooks';
import { Ago, duration, number } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { TextLink } from '@/parts/links';
import { Empty, Failed, Loading } from '@/parts/states';
import type { View } from '../Agent';

type Fault = Shown<'Fault'>;
type Page = Shown<'Page_arena.store.reading.Fault_'>;
const PATH = '/api/agents/{agent_id}/faults';
const LIMIT = 50;
const LIVE_PAGES_MAX = 2;
const helper = createColumnHelper<Fault>();
const CAUSES = ['illegal', 'malformed', 'timeout', 'gone'] as const;
const VERDICTS = ['warned', 'forfeited'] as const;

/** What it was charged with: what was expected, what came instead, and where. */
export default function Faults({ profile }: View) {
  const { t } = useTranslation('agent');
  const init = { params: { path: { agent_id: profile.id }, query: { limit: LIMIT } } };
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = $api.useInfiniteQuery(
    'get',
    PATH,
    init,
    { pageParamName: 'cursor', initialPageParam: null, getNextPageParam: (page: Page) => page.next ?? undefined },
  );
  const live = (data?.pages.length ?? 1) <= LIVE_PAGES_MAX;
  useRefresh(live ? { agent: profile.id, kinds: ['faulted'] } : null, ['get', PATH]);
  const rows = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  const columns = useMemo(() => columnsOf(t), [t]);
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading height={360} />;
  return (
    <Listing
      label={t('tab.faults')}
      rows={rows}
      columns={columns}
      rowId={({ seq }) => String(seq)}
      hasMore={hasNextPage}
      loadingMore={isFetchingNextPage}
      loadMore={fetchNextPage}
      empty={<Empty title={t('fault.none')}>{t('fault.noneNote')}</Empty>}
    />
  );
}

const columnsOf = (t: TFunction<'agent'>): Columns<Fault> =>
  [
    helper.display({
      id: 'what',
      header: () => t('fault.what'),
      cell: ({ row: { original } }) => <Charge fault={original} />,
    }),
    helper.display({
      id: 'where',
      header: () => t('fault.where'),
      cell: ({ row: { original: fault } }) => (
        <Stack gap={2}>
          <TextLink
            to="/matches/$match"
            params={{ match: fault.match }}
            search={{ ply: fault.ply, tab: 'faults' }}
            size="sm"
            style={{ whiteSpace: 'nowrap' }}
          >
            {t('fault.ply', { ply: number(fault.ply + 1) })}
          </TextLink>
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            <Ago at={fault.at_ms} />
          </Text>
        </Stack>
      ),
    }),
  ] as Columns<Fault>;

function Charge({ fault }: { fault: Fault }) {
  const { t } = useTranslation('agent');
  const cause = CAUSES.find((one) => one === fault.cause);
  const verdict = VERDICTS.find((one) => one === fault.verdict);
  const facts = [
    t('fault.after', { time: duration(fault.elapsed_ms) }),
    fault.sent > 1 && t('fault.sent', { count: fault.sent }),
    fault.forgiven_ms > 0 && t('fault.forgiven', { time: duration(fault.forgiven_ms) }),
    fault.connection && `${t('fault.connection')} ${fault.connection}`,
  ].filter(Boolean);
  return (
    <Stack gap={4} maw={760}>
      <Group gap={6}>
        <Text size="sm" fw={600}>
          {cause ? t(`fault.cause.${cause}`) : fault.cause}
        </Text>
        <Badge size="sm" variant="light" color={fault.verdict === 'forfeited' ? 'red' : 'yellow'}>
          {verdict ? t(`fault.verdict.${verdict}`) : fault.verdict}
        </Badge>
      </Group>
      {fault.expected && (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          <Text span inherit c="dimmed">
            {t('fault.expected')}
          </Text>{' '}
          {fault.expected}
        </Text>
      )}
      {fault.evidence && (
        <Text size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>
          <Text span inherit c="dimmed">
            {t('fault.came')}
          </Text>{' '}
          <Code style={{ whiteSpace: 'pre-wrap' }}>{fault.evidence}</Code>
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {facts.join(' · ')}
      </Text>
    </Stack>
  );
}
