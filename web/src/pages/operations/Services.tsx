import { Badge, Button, Code, Drawer, Group, Table, Text, VisuallyHidden } from '@mantine/core';
import { useContext, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { Ago, number, short } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { Trend } from './Curve';
import { WORK } from './figures';
import { TraceContext, useServices } from './polls';
import { Restart } from './Restart';
import { Load } from './Runners';
import { Stale } from './Stale';
import { latest } from './trace';

type Service = Shown<'ServiceShown'>;
type Translate = ReturnType<typeof useTranslation<'operations'>>['t'];
const KNOWN = ['arena-api', 'arena-bots', 'arena-matchmaker', 'arena-recorder', 'arena-runner'] as const;

/** Every process of the platform. */
export function Services() {
  const { t } = useTranslation('operations');
  const query = useServices();
  const [looked, look] = useState<string | null>(null);
  const shownColumns = useMemo(() => columns(t, look), [t]);
  return (
    <Section title={t('services.title')}>
      <Stale query={query} />
      <Await query={query} height={320}>
        {(services) => (
          <>
            <Listing
              label={t('list', { title: t('services.title') })}
              rows={services}
              columns={shownColumns}
              rowId={(service) => service.id}
              empty={<Empty title={t('services.none')} />}
            />
            <Figures service={services.find(({ id }) => id === looked)} close={() => look(null)} />
          </>
        )}
      </Await>
    </Section>
  );
}

/** What people call a kind of process. */
export function nameOf(t: Translate, name: string): string {
  const known = KNOWN.find((one) => one === name);
  return known ? t(`services.name.${known}`) : name;
}

const columns = (t: Translate, look: (id: string) => void): Columns<Service> => [
  {
    id: 'name',
    header: t('services.process'),
    cell: ({ row: { original } }) => (
      <div>
        <Group gap="xs" wrap="nowrap">
          <Text size="sm" fw={500}>
            {nameOf(t, original.name)}
          </Text>
          <Health figures={original.figures} />
        </Group>
        <Code fz="xs">{original.id}</Code>
      </div>
    ),
  },
  {
    id: 'host',
    header: t('services.host'),
    meta: { wide: true },
    cell: ({ row: { original } }) => (
      <div>
        <Text size="sm">{original.host || '–'}</Text>
        <Text size="xs" c="dimmed">
          {original.version}
        </Text>
      </div>
    ),
  },
  {
    id: 'up',
    header: t('services.since'),
    meta: { wide: true },
    cell: ({ row: { original } }) => (original.started ? <Ago at={Date.parse(original.started)} /> : '–'),
  },
  {
    id: 'load',
    header: t('runners.load'),
    meta: { wide: true },
    cell: ({ row: { original } }) => <Load id={original.id} figures={original.figures} />,
  },
  {
    id: 'work',
    header: t('services.work'),
    cell: ({ row: { original } }) => <Work service={original} />,
  },
  {
    id: 'actions',
    header: () => <VisuallyHidden>{t('actions')}</VisuallyHidden>,
    cell: ({ row: { original } }) => (
      <Group gap="xs" justify="flex-end">
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => look(original.id)}
          aria-label={t('services.figuresOf', { name: nameOf(t, original.name) })}
        >
          {t('services.figures')}
        </Button>
        <Restart id={original.id} name={nameOf(t, original.name)} host={original.host} />
      </Group>
    ),
  },
];

function Health({ figures }: { figures: Service['figures'] }) {
  const { t } = useTranslation('operations');
  const state = figures.arena_service_draining ? 'draining' : figures.arena_service_healthy === 0 ? 'ill' : 'well';
  return (
    <Badge size="sm" variant="light" color={{ well: 'teal', draining: 'orange', ill: 'red' }[state]}>
      {t(`services.health.${state}`)}
    </Badge>
  );
}

/** What it does, by what counts for its kind. */
function Work({ service: { id, name, figures } }: { service: Service }) {
  const { t } = useTranslation('operations');
  const trace = useContext(TraceContext);
  const known = KNOWN.find((one) => one in WORK && one === name);
  if (!known || known === 'arena-bots') return <Text size="sm">–</Text>;
  const rate = latest(trace, `work:${id}`);
  const lag = figures.arena_recorder_lag_events;
  return (
    <Group gap="xs" wrap="nowrap">
      <div style={{ minWidth: 96 }}>
        <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>
          {t(`services.rate.${known}`, { rate: rate === undefined ? '–' : number(rate, 1) })}
        </Text>
        {lag !== undefined && (
          <Text size="xs" c={lag > 0 ? 'orange' : 'dimmed'}>
            {figures.arena_recorder_active === 0
              ? t('services.standby')
              : t('services.lag', { count: lag, shown: short(lag) })}
          </Text>
        )}
      </div>
      <Trend points={trace.points[`work:${id}`]} color="teal.6" />
    </Group>
  );
}

/** All that a process says of itself. */
function Figures({ service, close }: { service: Service | undefined; close: () => void }) {
  const { t } = useTranslation('operations');
  return (
    <Drawer
      opened={service !== undefined}
      onClose={close}
      position="right"
      size="lg"
      closeButtonProps={{ 'aria-label': t('close') }}
      title={service && t('services.figuresOf', { name: nameOf(t, service.name) })}
    >
      <Text size="xs" c="dimmed" mb="sm" style={{ overflowWrap: 'anywhere' }}>
        {service?.metrics}
      </Text>
      <Table aria-label={t('services.figures')} verticalSpacing={4} fz="xs">
        <Table.Tbody>
          {Object.entries(service?.figures ?? {}).map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th fw={400} style={{ overflowWrap: 'anywhere' }}>
                {name}
              </Table.Th>
              <Table.Td ta="right" style={{ fontVariantNumeric: 'tabular-nums' }}>
                {number(value, Number.isInteger(value) ? 0 : 3)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Drawer>
  );
}
