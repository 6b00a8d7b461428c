import { Badge, Code, Group, Progress, ScrollArea, SimpleGrid, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useContext, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { duration, number, percent } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { GameName } from '@/parts/names';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { bytes } from './bytes';
import { Counted } from './Counted';
import { Curve, Trend } from './Curve';
import { Drain } from './Drain';
import { TraceContext, useRunners } from './polls';
import { Restart } from './Restart';
import { Stale } from './Stale';
import { latest, type Trace } from './trace';

type Runner = Shown<'RunnerShown'>;
type Translate = ReturnType<typeof useTranslation<'operations'>>['t'];
const COLOUR = { playing: 'teal', draining: 'orange', drained: 'gray', silent: 'yellow', unanswering: 'red' } as const;

/** Who plays the matches, how busy they are, and taking one out of service. */
export function Runners({ trace }: { trace: Trace }) {
  const { t } = useTranslation('operations');
  const query = useRunners();
  const shownColumns = useMemo(() => columns(t), [t]);
  return (
    <Stack gap="lg">
      <Stale query={query} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Curve
          label={t('figure.playing')}
          points={trace.points.playing}
          shown={(value) => number(value)}
          color="ember.6"
        />
        <Curve label={t('figure.moves')} points={trace.points.moves} shown={(value) => number(value, 1)} />
      </SimpleGrid>
      <Section title={t('runners.title')}>
        <Await query={query} height={240}>
          {(runners) => (
            <Listing
              label={t('list', { title: t('runners.title') })}
              rows={runners}
              columns={shownColumns}
              rowId={(runner) => runner.id}
              empty={<Empty title={t('runners.none')}>{t('runners.noneNote')}</Empty>}
            />
          )}
        </Await>
      </Section>
    </Stack>
  );
}

const columns = (t: Translate): Columns<Runner> => [
  {
    id: 'runner',
    header: t('runners.runner'),
    cell: ({ row: { original } }) => (
      <div>
        <Group gap="xs" wrap="nowrap">
          <Text size="sm" fw={500}>
            {original.host || '–'}
          </Text>
          <Badge
            size="sm"
            variant="light"
            color={COLOUR[original.state]}
            title={t(`runners.stateNote.${original.state}`)}
          >
            {t(`runners.state.${original.state}`)}
          </Badge>
        </Group>
        <Code fz="xs">{original.id}</Code>
      </div>
    ),
  },
  {
    id: 'matches',
    header: t('runners.matches'),
    cell: ({ row: { original } }) => <Matches runner={original} />,
  },
  {
    id: 'games',
    header: t('runners.games'),
    meta: { wide: true },
    cell: ({ row: { original } }) => <Games runner={original} />,
  },
  {
    id: 'load',
    header: t('runners.load'),
    meta: { wide: true },
    cell: ({ row: { original } }) => <Load id={original.id} figures={original.figures} />,
  },
  {
    id: 'beat',
    header: t('runners.beat'),
    meta: { wide: true },
    cell: ({ row: { original } }) => (
      <div>
        <Text size="sm">{original.beat_age_ms === null ? '–' : duration(original.beat_age_ms)}</Text>
        <Text size="xs" c="dimmed">
          {original.version}
        </Text>
      </div>
    ),
  },
  {
    id: 'actions',
    header: () => <VisuallyHidden>{t('actions')}</VisuallyHidden>,
    cell: ({ row: { original } }) => (
      <Group gap="xs" justify="flex-end">
        <Drain runner={original} />
        <Restart id={original.id} name={t('services.name.arena-runner')} host={original.host} />
      </Group>
    ),
  },
];

/** How many matches it plays of how many it could. */
function Matches({ runner: { playing, capacity } }: { runner: Runner }) {
  const { t } = useTranslation('operations');
  const share = capacity ? playing / capacity : 0;
  return (
    <div style={{ minWidth: 96 }}>
      <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>
        {number(playing)}
        <Text span c="dimmed" size="xs">
          {' / '}
          {number(capacity)}
        </Text>
      </Text>
      <Progress
        value={share * 100}
        size="sm"
        color={share > 0.9 ? 'orange' : 'ember.6'}
        aria-label={t('runners.busy', { share: percent(share) })}
      />
    </div>
  );
}

/** How many games, and which. */
function Games({ runner: { games } }: { runner: Runner }) {
  const { t } = useTranslation('operations');
  return (
    <Counted label={t('runners.gamesCount', { count: games.length })}>
      <ScrollArea.Autosize mah={260} w={220}>
        {games.map((game) => (
          <Text key={game} size="sm">
            <GameName game={game} />
          </Text>
        ))}
      </ScrollArea.Autosize>
    </Counted>
  );
}

/** Processor and memory of a process, and how its processor time went. */
export function Load({ id, figures }: { id: string; figures: Record<string, number> }) {
  const { t } = useTranslation('operations');
  const trace = useContext(TraceContext);
  const cpu = latest(trace, `cpu:${id}`);
  return (
    <Group gap="xs" wrap="nowrap">
      <div style={{ minWidth: 76 }}>
        <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>
          {t('load.cpu', { share: cpu === undefined ? '–' : percent(cpu) })}
        </Text>
        <Text size="xs" c="dimmed">
          {bytes(figures.process_resident_memory_bytes ?? 0)}
        </Text>
      </div>
      <Trend points={trace.points[`cpu:${id}`]} />
    </Group>
  );
}
