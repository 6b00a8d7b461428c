import { Badge, Button, Code, Group, Text, UnstyledButton } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { moment } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { AuditFilters } from './AuditFilters';
import { type Place, stripped } from './place';

type Entry = Shown<'ShownEntry'>;
type Translate = ReturnType<typeof useTranslation<'operations'>>['t'];
const EVERY_MS = 5_000;
const PAGE = 100;

/** Who changed what. Only the first page is asked for again by itself: who has scrolled down is reading. */
export function Audit() {
  const { t } = useTranslation('operations');
  const { user, action, object, status, since, until } = useSearch({ from: '/operations' });
  const navigate = useNavigate({ from: '/operations' });
  const narrow = (change: Place) =>
    void navigate({ search: (before) => stripped({ ...before, ...change }), replace: true });
  const query = $api.useInfiniteQuery(
    'get',
    '/api/audit',
    { params: { query: { user, action, object, status, since_ms: since, until_ms: until, limit: PAGE } } },
    {
      pageParamName: 'cursor',
      initialPageParam: null,
      getNextPageParam: (page) => page.next ?? undefined,
      placeholderData: (before) => before,
      refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : EVERY_MS),
    },
  );
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const name = rows.find((entry) => entry.user === user)?.user_name;
  return (
    <Section
      title={t('audit.title')}
      actions={
        <Button
          size="xs"
          variant="default"
          onClick={() => void query.refetch()}
          leftSection={<IconRefresh size={16} aria-hidden />}
        >
          {t('audit.again')}
        </Button>
      }
    >
      <AuditFilters narrow={narrow} name={name ?? undefined} />
      <Await query={query} height={480}>
        {() => (
          <Listing
            label={t('list', { title: t('audit.title') })}
            rows={rows}
            columns={columns(t, narrow)}
            rowId={(entry) => entry.id}
            hasMore={query.hasNextPage}
            loadingMore={query.isFetchingNextPage}
            loadMore={query.fetchNextPage}
            empty={<Empty title={t('audit.none')}>{t('audit.noneNote')}</Empty>}
          />
        )}
      </Await>
    </Section>
  );
}

const columns = (t: Translate, narrow: (change: Place) => void): Columns<Entry> => [
  {
    id: 'at',
    header: t('audit.at'),
    cell: ({ row: { original } }) => (
      <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums' }}>
        {moment(original.at_ms)}
      </Text>
    ),
  },
  { id: 'who', header: t('audit.who'), cell: ({ row: { original } }) => <Who entry={original} narrow={narrow} /> },
  {
    id: 'what',
    header: t('audit.what'),
    cell: ({ row: { original } }) => (
      <div style={{ minWidth: 0 }}>
        <UnstyledButton
          fz="sm"
          ff="monospace"
          onClick={() => narrow({ action: original.action })}
          title={t('audit.onlyThis')}
          style={{ overflowWrap: 'anywhere' }}
        >
          {original.action}
        </UnstyledButton>
        {(original.object || original.detail) && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }} visibleFrom="sm">
            {[original.object, original.detail].filter(Boolean).join(' · ')}
          </Text>
        )}
      </div>
    ),
  },
  {
    id: 'status',
    header: t('audit.status'),
    cell: ({ row: { original } }) => (
      <Badge variant="light" color={original.status < 400 ? 'teal' : original.status < 500 ? 'orange' : 'red'}>
        {original.status}
      </Badge>
    ),
  },
  {
    id: 'from',
    header: t('audit.from'),
    meta: { wide: true },
    cell: ({ row: { original } }) => (
      <Group gap={6}>
        <Code fz="xs">{original.address}</Code>
        <Text size="xs" c="dimmed">
          {t(`audit.via.${original.via}`)}
        </Text>
      </Group>
    ),
  },
];

function Who({ entry, narrow }: { entry: Entry; narrow: (change: Place) => void }) {
  const { t } = useTranslation('operations');
  if (!entry.user)
    return (
      <Text size="sm" c="dimmed">
        {t('audit.nobody')}
      </Text>
    );
  return (
    <UnstyledButton
      fz="sm"
      fw={500}
      onClick={() => narrow({ user: entry.user ?? undefined })}
      title={t('audit.onlyThis')}
      style={{ overflowWrap: 'anywhere' }}
    >
      {entry.user_name ?? entry.user}
    </UnstyledButton>
  );
}
