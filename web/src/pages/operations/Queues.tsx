import { Badge, SimpleGrid, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { duration, number, short } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { GameName } from '@/parts/names';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { Curve } from './Curve';
import { useQueue } from './polls';
import { Stale } from './Stale';
import type { Trace } from './trace';

type Queue = Shown<'GameQueue'>;
type Translate = ReturnType<typeof useTranslation<'operations'>>['t'];

/** Who waits for matches, and how fast they are made. */
export function Queues({ trace }: { trace: Trace }) {
  const { t } = useTranslation('operations');
  const query = useQueue();
  return (
    <Stack gap="lg">
      <Stale query={query} />
      <Await query={query} height={480}>
        {({ games, running, room }) => (
          <>
            <SimpleGrid cols={{ base: 1, sm: 3 }}>
              <Curve label={t('figure.waiting')} points={trace.points.waiting} shown={short} />
              <Curve
                label={t('figure.perMinute')}
                points={trace.points.perMinute}
                shown={(value) => number(value, 1)}
                color="teal.6"
              />
              <Curve
                label={t('figure.running')}
                points={trace.points.running}
                shown={() => number(running)}
                note={t('overview.room', { count: room, shown: number(room) })}
                color="ember.6"
              />
            </SimpleGrid>
            <Section title={t('queues.title')}>
              <Listing
                label={t('list', { title: t('queues.title') })}
                rows={games}
                columns={columns(t)}
                rowId={(queue) => queue.game}
                sortable
                empty={<Empty title={t('queues.none')}>{t('queues.noneNote')}</Empty>}
              />
            </Section>
          </>
        )}
      </Await>
    </Stack>
  );
}

const columns = (t: Translate): Columns<Queue> =>
  [
    {
      accessorKey: 'game',
      header: t('queues.game'),
      cell: ({ row: { original } }: Cell) => (
        <>
          <GameName game={original.game} />
          {!original.playable && (
            <Badge ml="xs" size="sm" color="orange" variant="light" title={t('queues.unplayableNote')}>
              {t('queues.unplayable')}
            </Badge>
          )}
        </>
      ),
    },
    {
      accessorKey: 'waiting',
      header: t('queues.waiting'),
      cell: ({ row: { original } }: Cell) => number(original.waiting),
    },
    {
      accessorKey: 'agents',
      header: t('queues.agents'),
      meta: { wide: true },
      cell: ({ row: { original } }: Cell) => number(original.agents),
    },
    {
      accessorKey: 'oldest_ms',
      header: t('queues.oldest'),
      cell: ({ row: { original } }: Cell) => (original.oldest_ms ? duration(original.oldest_ms) : '–'),
    },
    {
      accessorKey: 'matches_per_minute',
      header: t('queues.rate'),
      meta: { wide: true },
      cell: ({ row: { original } }: Cell) => number(original.matches_per_minute, 1),
    },
    {
      accessorKey: 'estimated_ms',
      header: t('queues.estimated'),
      meta: { wide: true },
      cell: ({ row: { original } }: Cell) =>
        original.estimated_ms === null ? (
          <Text span inherit c="dimmed">
            {t('queues.unknown')}
          </Text>
        ) : (
          duration(original.estimated_ms)
        ),
    },
  ] as Columns<Queue>;

interface Cell {
  row: { original: Queue };
}
