import { AreaChart, Sparkline } from '@mantine/charts';
import { Group, Paper, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { POINTS_MAX, type Point, WINDOW_MS } from './trace';

interface Props {
  label: string;
  points: readonly Point[] | undefined;
  /** A figure as people read it. */
  shown: (value: number) => string;
  note?: ReactNode;
  color?: string;
}

const WINDOW_MS_MIN = 60_000; // so that two figures do not look like a trend

/** A figure, and how it moved while the page was open. */
export function Curve({ label, points = [], shown, note, color = 'slate.6' }: Props) {
  const { t } = useTranslation('operations');
  const last = points.at(-1);
  const now = last ? shown(last.value) : '–';
  const most = Math.max(1, ...points.map(({ value }) => value));
  const end = last?.at ?? 0;
  const begin = Math.max(end - WINDOW_MS, Math.min(points[0]?.at ?? end, end - WINDOW_MS_MIN));
  return (
    <Paper withBorder p="md" miw={0}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Group justify="space-between" wrap="nowrap" align="baseline" gap="xs">
        <Text fz={26} fw={650} lh={1.3} style={{ fontVariantNumeric: 'tabular-nums' }}>
          {now}
        </Text>
        <Text size="xs" c="dimmed" ta="right">
          {note}
        </Text>
      </Group>
      <div role="img" aria-label={t('curve', { label, now })}>
        <AreaChart
          h={72}
          mt={6}
          data={points.map(({ at, value }) => ({ at, [label]: value }))}
          dataKey="at"
          series={[{ name: label, color }]}
          curveType="monotone"
          withDots={false}
          withYAxis={false}
          withXAxis
          gridAxis="none"
          strokeWidth={1.5}
          withTooltip={false}
          xAxisProps={{ type: 'number', domain: [begin, end], hide: true }}
          yAxisProps={{ domain: [0, most * 1.1] }}
          areaChartProps={{ accessibilityLayer: false, margin: { left: 0, right: 0, top: 4, bottom: 0 } }}
          areaProps={{ isAnimationActive: false, dot: false }}
        />
      </div>
    </Paper>
  );
}

/** The same in a table's cell. */
export function Trend({ points = [], color = 'slate.6' }: { points: readonly Point[] | undefined; color?: string }) {
  const shown = points.slice(-POINTS_MAX / 4).map(({ value }) => value);
  if (shown.length < 2) return <div style={{ width: 72, height: 22 }} aria-hidden />;
  // The figure stands beside it: nobody needs to come to the drawing itself.
  return (
    <div inert>
      <Sparkline
        w={72}
        h={22}
        data={shown}
        color={color}
        curveType="monotone"
        strokeWidth={1.25}
        fillOpacity={0.25}
        areaProps={{ isAnimationActive: false }}
      />
    </div>
  );
}
