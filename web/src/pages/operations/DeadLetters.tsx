import { Button, Code, Drawer, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, type Shown } from '@/api/client';
import { Ago, moment, number } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { TextLink } from '@/parts/links';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { bytes } from './bytes';

type Event = Shown<'Unprojected'>;
type Claim = Shown<'DeadClaim'>;
type Translate = ReturnType<typeof useTranslation<'operations'>>['t'];
const EVERY_MS = 15_000;
const COUNTED = 50;

/** Both lists come in one answer, and each goes on by a parameter of its own. */
function useDeadLetters(which: 'events' | 'claims') {
  return useInfiniteQuery({
    queryKey: ['dead-letters', which],
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: COUNTED, [`${which}_before`]: pageParam };
      const { data } = await api.GET('/api/dead-letters', { params: { query }, signal });
      if (!data) throw new Error('expected two lists');
      return data;
    },
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => (page[which].next === null ? undefined : Number(page[which].next)),
    refetchInterval: EVERY_MS,
  });
}

/** How many there are, "50+" for more than one page; empty: none. */
export function useDeadCount(): string {
  const { data } = $api.useQuery(
    'get',
    '/api/dead-letters',
    { params: { query: { limit: COUNTED } } },
    { refetchInterval: EVERY_MS },
  );
  if (!data) return '';
  const count = data.events.items.length + data.claims.items.length;
  return count ? `${number(count)}${data.events.next || data.claims.next ? '+' : ''}` : '';
}

/** What the platform could not deal with, and kept. */
export function DeadLetters() {
  const { t } = useTranslation('operations');
  const [looked, look] = useState<Event | null>(null);
  return (
    <Stack gap="lg">
      <Events look={look} />
      <Claims />
      <Drawer
        opened={looked !== null}
        onClose={() => look(null)}
        position="right"
        size="lg"
        title={t('dead.inside')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {looked && <Inside event={looked} />}
      </Drawer>
    </Stack>
  );
}

function Events({ look }: { look: (event: Event) => void }) {
  const { t } = useTranslation('operations');
  const query = useDeadLetters('events');
  return (
    <Section title={t('dead.events')}>
      <Text size="sm" c="dimmed" mb="xs">
        {t('dead.eventsNote')}
      </Text>
      <Await query={query} height={200}>
        {({ pages }) => (
          <Listing
            label={t('list', { title: t('dead.events') })}
            rows={pages.flatMap((page) => page.events.items)}
            columns={eventColumns(t, look)}
            rowId={(event) => String(event.seq)}
            hasMore={query.hasNextPage}
            loadingMore={query.isFetchingNextPage}
            loadMore={query.fetchNextPage}
            height={400}
            empty={<Empty title={t('dead.noEvents')}>{t('dead.noEventsNote')}</Empty>}
          />
        )}
      </Await>
    </Section>
  );
}

function Claims() {
  const { t } = useTranslation('operations');
  const query = useDeadLetters('claims');
  return (
    <Section title={t('dead.claims')}>
      <Text size="sm" c="dimmed" mb="xs">
        {t('dead.claimsNote')}
      </Text>
      <Await query={query} height={200}>
        {({ pages }) => (
          <Listing
            label={t('list', { title: t('dead.claims') })}
            rows={pages.flatMap((page) => page.claims.items)}
            columns={claimColumns(t)}
            rowId={(claim) => String(claim.seq)}
            hasMore={query.hasNextPage}
            loadingMore={query.isFetchingNextPage}
            loadMore={query.fetchNextPage}
            height={400}
            empty={<Empty title={t('dead.noClaims')} />}
          />
        )}
      </Await>
    </Section>
  );
}

/** A match by its id, where there is one. */
export function MatchId({ match }: { match: string | null }) {
  if (!match) return <>–</>;
  return (
    <TextLink to="/matches/$match" params={{ match }} ff="monospace" fz="xs">
      {match}
    </TextLink>
  );
}

const eventColumns = (t: Translate, look: (event: Event) => void): Columns<Event> => [
  { id: 'at', header: t('dead.at'), cell: ({ row: { original } }) => <Ago at={original.at_ms} /> },
  {
    id: 'error',
    header: t('dead.error'),
    cell: ({ row: { original } }) => (
      <Text size="sm" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
        {original.error}
      </Text>
    ),
  },
  {
    id: 'match',
    header: t('dead.match'),
    meta: { wide: true },
    cell: ({ row: { original } }) => <MatchId match={original.match} />,
  },
  {
    id: 'look',
    header: () => <VisuallyHidden>{t('actions')}</VisuallyHidden>,
    cell: ({ row: { original } }) => (
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => look(original)}
        aria-label={t('dead.lookAt', { seq: original.seq })}
      >
        {t('dead.look')}
      </Button>
    ),
  },
];

const claimColumns = (t: Translate): Columns<Claim> => [
  { id: 'at', header: t('dead.at'), cell: ({ row: { original } }) => <Ago at={original.at_ms} /> },
  { id: 'consumer', header: t('dead.consumer'), cell: ({ row: { original } }) => original.consumer },
  { id: 'deliveries', header: t('dead.deliveries'), cell: ({ row: { original } }) => number(original.deliveries) },
  {
    id: 'match',
    header: t('dead.match'),
    cell: ({ row: { original } }) => <MatchId match={original.match} />,
  },
];

/** An event that could not be projected, raw. */
function Inside({ event }: { event: Event }) {
  const { t } = useTranslation('operations');
  return (
    <Stack gap="sm">
      <Text size="sm">{event.error}</Text>
      <Text size="sm" c="dimmed">
        {t('dead.stored', { seq: number(event.seq), at: moment(event.at_ms), size: bytes(event.bytes) })}
      </Text>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {event.subject}
      </Code>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {event.beginning}
        {event.bytes > event.beginning.length ? '…' : ''}
      </Code>
    </Stack>
  );
}
