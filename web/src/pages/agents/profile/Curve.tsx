import '@mantine/charts/styles.css';
import { CompositeChart } from '@mantine/charts';
import { Paper, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { current } from '@/i18n';
import { useRefresh } from '@/live/hooks';
import { moment, number, short } from '@/parts/format';
import { Await, Empty } from '@/parts/states';
import { type Drawn, drawn, ticksOf } from './curve';
import { CURVE_PX } from './Overview';

const POINTS = 400;
const DAY_MS = 24 * 3600 * 1000;
const CLOCK = { hour: '2-digit', minute: '2-digit', hour12: false } as const;
const SECONDS_MS = 15 * 60 * 1000; // of less than this, seconds are told too
const PATH = '/api/games/{game}/ratings/{agent_id}';

/** How its rating went, and within which band the true strength lies. */
export default function Curve({ agent, game }: { agent: string; game: string }) {
  const query = $api.useQuery('get', PATH, {
    params: { path: { game, agent_id: agent }, query: { points: POINTS } },
  });
  useRefresh({ agent }, ['get', PATH]);
  return (
    <Await query={query} height={CURVE_PX}>
      {(points) => <Chart rows={drawn(points)} />}
    </Await>
  );
}

function Chart({ rows }: { rows: Drawn[] }) {
  const { t } = useTranslation('agent');
  const told = useMemo(() => tickOf(rows), [rows]);
  const levels = useMemo(() => ticksOf(rows), [rows]);
  const last = rows.at(-1);
  if (!last) return <Empty title={t('curve.none')} />;
  const [low, high] = last.band;
  return (
    <figure
      style={{ margin: 0 }}
      aria-label={t('curve.told', { mu: number(last.mu, 1), low: number(low, 1), high: number(high, 1) })}
    >
      <CompositeChart
        h={CURVE_PX}
        data={rows}
        dataKey="at"
        withDots={rows.length === 1}
        curveType="linear"
        series={[
          { name: 'band', type: 'area', color: 'slate.4', label: t('curve.band') },
          { name: 'mu', type: 'line', color: 'slate.7', label: t('curve.mu') },
        ]}
        areaProps={{ strokeWidth: 0, fillOpacity: 0.25, isAnimationActive: false, activeDot: false }}
        lineProps={{ isAnimationActive: false }}
        xAxisProps={{
          type: 'number',
          scale: 'time',
          domain: ['dataMin', 'dataMax'],
          tickFormatter: told,
          minTickGap: 40,
        }}
        yAxisProps={{
          domain: [levels[0] ?? 0, levels.at(-1) ?? 1],
          ticks: levels,
          tickFormatter: short,
          width: 40,
        }}
        tooltipProps={{ content: ({ payload }) => <Told row={payload?.[0]?.payload as Drawn | undefined} /> }}
        accessibilityLayer={false}
      />
    </figure>
  );
}

function Told({ row }: { row: Drawn | undefined }) {
  const { t } = useTranslation('agent');
  if (!row) return null;
  return (
    <Paper withBorder shadow="sm" px="sm" py={6}>
      <Text size="sm" fw={600}>
        {number(row.mu, 1)}
        <Text span size="xs" c="dimmed">
          {' '}
          {t('stat.within', { low: number(row.band[0], 1), high: number(row.band[1], 1) })}
        </Text>
      </Text>
      <Text size="xs" c="dimmed">
        {moment(row.at)}
      </Text>
    </Paper>
  );
}

/** Times of day within a day or two, else dates. */
function tickOf(rows: Drawn[]) {
  const span = (rows.at(-1)?.at ?? 0) - (rows[0]?.at ?? 0);
  const shown: Intl.DateTimeFormatOptions =
    span < SECONDS_MS
      ? { ...CLOCK, second: '2-digit' }
      : span < 2 * DAY_MS
        ? CLOCK
        : { month: 'short', day: 'numeric' };
  const format = new Intl.DateTimeFormat(current(), shown);
  return (at: number) => format.format(at);
}
