import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { Group, Select, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { useRefresh } from '@/live/hooks';
import { duration, number, percent } from '@/parts/format';
import { useGames } from '@/parts/names';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import type { View } from '../Agent';
import { GameChoice } from './GameChoice';
import { binOf, bins } from './histogram';

const PATH = '/api/agents/{agent_id}/timing';
const CHART_PX = 220;
const PLACE_PX = 360;
const VERSIONS_SHOWN = 50;

/** How long it thinks beside what the clock allows, and how long the way to it takes. */
export default function Timing({ profile, search, change }: View) {
  const { t } = useTranslation('agent');
  const query = $api.useQuery('get', PATH, {
    params: { path: { agent_id: profile.id }, query: { game: search.game, version: search.version } },
  });
  useRefresh({ agent: profile.id }, ['get', PATH]);
  const versions = Array.from({ length: Math.min(profile.version, VERSIONS_SHOWN) }, (_, at) => profile.version - at);
  return (
    <Stack gap="md">
      <Group gap="sm">
        <GameChoice profile={profile} game={search.game ?? null} change={(game) => change({ game })} all />
        {profile.version > 1 && (
          <Select
            aria-label={t('version')}
            size="xs"
            w={140}
            allowDeselect={false}
            value={search.version ? String(search.version) : ''}
            onChange={(value) => change({ version: Number(value) || undefined })}
            data={[
              { value: '', label: t('allVersions') },
              ...versions.map((one) => ({ value: String(one), label: `v${one}` })),
            ]}
          />
        )}
      </Group>
      <Await query={query} height={PLACE_PX}>
        {({ edges_ms, games }) =>
          games.length === 0 ? (
            <Empty title={t('timing.none')} />
          ) : (
            <>
              {games.map((one) => (
                <Times key={one.game} of={one} edges={edges_ms} />
              ))}
              <Text size="xs" c="dimmed">
                {t('timing.note')}
              </Text>
            </>
          )
        }
      </Await>
    </Stack>
  );
}

function Times({ of, edges }: { of: Shown<'ClockedTiming'>; edges: number[] }) {
  const { t } = useTranslation('agent');
  const move = typeof of.clock.move_ms === 'number' && of.clock.move_ms > 0 ? of.clock.move_ms : null;
  const titled = useGames();
  return (
    <Section
      title={titled(of.game)?.title ?? of.game}
      actions={
        <Text size="sm" c="dimmed">
          {t('timing.turns', { count: of.turns, shown: number(of.turns) })}
          {move && ` · ${t('timing.clock', { time: duration(move) })}`}
        </Text>
      }
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Spread title={t('timing.think')} of={of.think} edges={edges} clock={move} colour="slate.6" />
        <Spread title={t('timing.lag')} of={of.lag} edges={edges} clock={null} colour="teal.7" />
      </SimpleGrid>
    </Section>
  );
}

const LEAST_MS = 0.01; // less is not measured

const told = (ms: number) => (ms < LEAST_MS ? `< ${duration(LEAST_MS)}` : duration(ms));

interface SpreadProps {
  title: string;
  of: Shown<'Spread'>;
  edges: number[];
  /** ms: a line is drawn where it is. */
  clock: number | null;
  colour: string;
}

function Spread({ title, of, edges, clock, colour }: SpreadProps) {
  const { t } = useTranslation('agent');
  const named = (to: number | null) => (to === null ? t('timing.more') : `< ${duration(to)}`);
  const rows = bins(edges, of.counts, clock).map(({ to, count, share }) => ({ to: named(to), count, share }));
  const figures = (['p50', 'p90', 'p99', 'max'] as const).map((one) => `${t(`timing.${one}`)} ${told(of[one])}`);
  return (
    <figure style={{ margin: 0, minWidth: 0 }} aria-label={`${title}: ${figures.join(', ')}`}>
      <Title order={3} size="h6">
        {title}
      </Title>
      <Text size="xs" c="dimmed" mb={6}>
        {figures.join(' · ')}
      </Text>
      <BarChart
        h={CHART_PX}
        data={rows}
        dataKey="to"
        series={[{ name: 'share', color: colour, label: t('timing.share') }]}
        valueFormatter={(value) => percent(value, 1)}
        barProps={{ isAnimationActive: false, radius: 3 }}
        xAxisProps={{ interval: 'preserveStartEnd', minTickGap: 6, tick: { fontSize: 11 } }}
        yAxisProps={{ width: 44, tickFormatter: (value: number) => percent(value) }}
        referenceLines={
          clock === null
            ? []
            : [
                {
                  x: named(edges[binOf(edges, clock)] ?? null),
                  color: 'red.6',
                  label: t('timing.clockLine'),
                  labelPosition: 'insideTopRight',
                },
              ]
        }
        accessibilityLayer={false}
      />
    </figure>
  );
}
