import { Badge, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { number, short } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { bytes } from './bytes';
import { Trend } from './Curve';
import { useStreams } from './polls';
import { Stale } from './Stale';
import { latest, type Trace } from './trace';

type Stream = Shown<'StreamShown'>;
type Consumer = Shown<'ConsumerShown'>;
type Translate = ReturnType<typeof useTranslation<'operations'>>['t'];

/** What NATS stores, and how far those are who read it. */
export function Streams({ trace }: { trace: Trace }) {
  const { t } = useTranslation('operations');
  const query = useStreams();
  return (
    <Stack gap="lg">
      <Stale query={query} />
      <Await query={query} height={560}>
        {({ streams, consumers }) => (
          <>
            <Section title={t('streams.title')}>
              <Listing
                label={t('list', { title: t('streams.title') })}
                rows={streams}
                columns={streamColumns(t, trace)}
                rowId={(stream) => stream.name}
                sortable
                height={460}
              />
            </Section>
            <Section title={t('consumers.title')}>
              <Text size="sm" c="dimmed" mb="xs">
                {t('consumers.note')}
              </Text>
              <Listing
                label={t('list', { title: t('consumers.title') })}
                rows={[...consumers].sort(byBusyness)}
                columns={consumerColumns(t)}
                rowId={(consumer) => consumer.name}
                sortable
                empty={<Empty title={t('consumers.none')} />}
              />
            </Section>
          </>
        )}
      </Await>
    </Stack>
  );
}

/** The recorder first, then who is furthest behind. */
const byBusyness = (one: Consumer, other: Consumer) =>
  Number(other.name === RECORDER) - Number(one.name === RECORDER) ||
  other.pending - one.pending ||
  other.unacknowledged - one.unacknowledged ||
  one.name.localeCompare(other.name);
const RECORDER = 'recorder';

const streamColumns = (t: Translate, trace: Trace): Columns<Stream> =>
  [
    { accessorKey: 'name', header: t('streams.name') },
    {
      accessorKey: 'messages',
      header: t('streams.messages'),
      cell: ({ row: { original } }: { row: { original: Stream } }) => number(original.messages),
    },
    {
      accessorKey: 'bytes',
      header: t('streams.size'),
      cell: ({ row: { original } }: { row: { original: Stream } }) => bytes(original.bytes),
    },
    {
      id: 'rate',
      header: t('streams.rate'),
      enableSorting: false,
      meta: { wide: true },
      cell: ({ row: { original } }: { row: { original: Stream } }) => {
        const rate = latest(trace, `stored:${original.name}`);
        return (
          <Group gap="xs" wrap="nowrap">
            <Text size="sm" w={44}>
              {rate === undefined ? '–' : number(rate, 1)}
            </Text>
            <Trend points={trace.points[`stored:${original.name}`]} />
          </Group>
        );
      },
    },
    {
      accessorKey: 'last_seq',
      header: t('streams.sequences'),
      meta: { wide: true },
      cell: ({ row: { original } }: { row: { original: Stream } }) =>
        original.last_seq ? `${number(original.first_seq)} – ${number(original.last_seq)}` : '–',
    },
    {
      accessorKey: 'leader',
      header: t('streams.leader'),
      meta: { wide: true },
      cell: ({ row: { original } }: { row: { original: Stream } }) => original.leader || t('streams.noLeader'),
    },
    {
      id: 'replicas',
      header: t('streams.replicas'),
      meta: { wide: true },
      enableSorting: false,
      cell: ({ row: { original } }: { row: { original: Stream } }) => <Replicas replicas={original.replicas} />,
    },
  ] as Columns<Stream>;

function Replicas({ replicas }: { replicas: Stream['replicas'] }) {
  const { t } = useTranslation('operations');
  if (replicas.length === 0) return <>{t('streams.alone')}</>;
  return (
    <Group gap={4}>
      {replicas.map(({ name, current, offline, lag }) => (
        <Badge key={name} size="sm" variant="light" tt="none" color={offline ? 'red' : current ? 'teal' : 'orange'}>
          {name} {offline ? t('streams.offline') : lag > 0 ? `−${short(lag)}` : ''}
        </Badge>
      ))}
    </Group>
  );
}

const consumerColumns = (t: Translate): Columns<Consumer> => {
  const figure = (key: keyof Consumer & string, wide: boolean, concern = false) => ({
    accessorKey: key,
    header: t(`consumers.${key as 'pending'}`),
    meta: { wide },
    cell: ({ row: { original } }: { row: { original: Consumer } }) => (
      <Text span inherit c={concern && Number(original[key]) > 0 ? 'orange' : undefined}>
        {number(Number(original[key]))}
      </Text>
    ),
  });
  return [
    { accessorKey: 'name', header: t('consumers.name') },
    figure('pending', false, true),
    figure('unacknowledged', false),
    figure('redelivered', true, true),
    figure('waiting', true),
    figure('acknowledged', true),
  ] as Columns<Consumer>;
};
