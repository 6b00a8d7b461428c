import { Badge, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { duration, number, percent, short } from '@/parts/format';
import { CardLink } from '@/parts/links';
import { Await } from '@/parts/states';
import { Alerts } from './Alerts';
import { Curve } from './Curve';
import { useDeadCount } from './DeadLetters';
import type { Tab } from './place';
import { useQuarantine, useQueue, useReadiness, useRunners, useServices } from './polls';
import { latest, type Trace } from './trace';

/** How the platform is: what is wrong first, then how much goes on. */
export function Overview({ trace }: { trace: Trace }) {
  const { t } = useTranslation('operations');
  const capacity = latest(trace, 'capacity');
  const playing = latest(trace, 'playing') ?? 0;
  const lag = latest(trace, 'lag');
  return (
    <Stack gap="lg">
      <Alerts aside={<Readiness />} />
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }}>
        <Curve
          label={t('figure.playing')}
          points={trace.points.playing}
          shown={(value) => number(value)}
          note={
            capacity ? t('overview.ofCapacity', { capacity: number(capacity), share: percent(playing / capacity) }) : ''
          }
          color="ember.6"
        />
        <Curve label={t('figure.moves')} points={trace.points.moves} shown={(value) => number(value, 1)} />
        <Curve label={t('figure.waiting')} points={trace.points.waiting} shown={short} />
        <Curve
          label={t('figure.lag')}
          points={trace.points.lag}
          shown={short}
          color={lag && lag > LAG_MUCH ? 'red.6' : 'teal.6'}
        />
      </SimpleGrid>
      <Counts />
    </Stack>
  );
}

const LAG_MUCH = 10_000; // events: minutes of a busy platform

/** Whether requests can be served, and what is missing. */
function Readiness() {
  const { t } = useTranslation('operations');
  const query = useReadiness();
  return (
    <Await query={query} height={24}>
      {({ nats, database, lag_events }) => (
        <Group gap="md" aria-label={t('ready.title')} role="group">
          <State good={nats === 'up'}>{t(`ready.nats.${nats}`)}</State>
          <State good={database === 'up'}>{t(`ready.database.${database}`)}</State>
          {lag_events != null && (
            <State good={lag_events <= LAG_MUCH}>
              {lag_events === 0 ? t('ready.level') : t('ready.behind', { count: lag_events, shown: short(lag_events) })}
            </State>
          )}
        </Group>
      )}
    </Await>
  );
}

function State({ good, children }: { good: boolean; children: ReactNode }) {
  const Icon = good ? IconCircleCheck : IconCircleX;
  const colour = good ? 'var(--mantine-color-teal-6)' : 'var(--mantine-color-red-6)';
  return (
    <Group gap={6} wrap="nowrap">
      <Icon size={20} color={colour} aria-hidden />
      <Text size="sm">{children}</Text>
    </Group>
  );
}

/** What there is, each with the way to it. */
function Counts() {
  const { t } = useTranslation('operations');
  const runners = useRunners().data;
  const services = useServices().data;
  const queue = useQueue().data;
  const quarantined = useQuarantine().data;
  const dead = useDeadCount();
  const oldest = queue ? Math.max(0, ...queue.games.map((game) => game.oldest_ms)) : 0;
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }}>
      <Count tab="runners" value={runners ? number(runners.length) : '–'} note={<States runners={runners} />} />
      <Count
        tab="services"
        value={services ? number(services.length) : '–'}
        note={services && t('overview.kinds', { count: new Set(services.map(({ name }) => name)).size })}
      />
      <Count
        tab="queues"
        value={queue ? number(queue.games.filter((game) => game.waiting > 0).length) : '–'}
        note={queue && (oldest > 0 ? t('overview.oldest', { time: duration(oldest) }) : t('overview.nobodyWaits'))}
      />
      <Count
        tab="queues"
        label={t('figure.room')}
        value={queue ? number(queue.room) : '–'}
        note={queue && t('overview.made', { rate: number(madePerMinute(queue), 1) })}
      />
      <Count tab="dead" value={dead || '0'} note={t(dead ? 'overview.look' : 'overview.fine')} />
      <Count
        tab="quarantine"
        value={quarantined ? number(quarantined.length) : '–'}
        note={t(quarantined?.length ? 'overview.look' : 'overview.fine')}
      />
    </SimpleGrid>
  );
}

const madePerMinute = (queue: Shown<'QueueState'>) =>
  queue.games.reduce((all, game) => all + game.matches_per_minute, 0);

interface CountProps {
  tab: Tab;
  /** Instead of the tab's name. */
  label?: string;
  value: string;
  note: ReactNode;
}

/** A figure that leads to its tab. */
function Count({ tab, label, value, note }: CountProps) {
  const { t } = useTranslation('operations');
  return (
    <CardLink to="/operations" search={{ tab }} withBorder p="md">
      <Text size="sm" c="dimmed">
        {label ?? t(`tab.${tab}`)}
      </Text>
      <Text fz={26} fw={650} lh={1.3} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {value}
      </Text>
      <Text size="xs" c="dimmed" component="div" mih={18}>
        {note}
      </Text>
    </CardLink>
  );
}

/** How many runners are in each state, where not all simply play. */
function States({ runners = [] }: { runners: Shown<'RunnerShown'>[] | undefined }) {
  const { t } = useTranslation('operations');
  const others = runners.filter(({ state }) => state !== 'playing');
  if (others.length === 0) return <>{t('overview.allPlay')}</>;
  const states = [...new Set(others.map(({ state }) => state))];
  return (
    <Group gap={4} mt={2}>
      {states.map((state) => (
        <Badge key={state} size="sm" variant="light" color="orange">
          {others.filter((runner) => runner.state === state).length} {t(`runners.state.${state}`)}
        </Badge>
      ))}
    </Group>
  );
}
