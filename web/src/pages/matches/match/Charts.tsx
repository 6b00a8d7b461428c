import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import { Box, Group, SegmentedControl, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useThrottledValue } from '@mantine/hooks';
import { memo, type ReactNode, useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { seatColour } from '@/boards';
import { duration, number } from '@/parts/format';
import { Empty } from '@/parts/states';
import { decimals } from './Result';
import type { MatchRecord } from './record';
import { SeatName, useSeatName } from './seats';
import { nearest, type Point, rewardedOnTheWay, rewards, scores, seriesOf, thinking } from './series';

interface Props {
  record: MatchRecord;
  ply: number;
  seek: (ply: number) => void;
}

const HEIGHT = 220;
const SEATS_MAX = 8; // drawn at once: more lines are a tangle

const LIVE_EVERY_MS = 1_000; // a match that is played: its board comes first, and charts take longest to draw

/** How scores and rewards went, and how long each seat thought. A press on a chart goes there. */
export function Charts({ record, ply, seek }: Props) {
  const wait = record.end === null ? LIVE_EVERY_MS : 0;
  return <Both record={useThrottledValue(record, wait)} ply={useThrottledValue(ply, wait)} seek={seek} />;
}

const Both = memo(function Both({ record, ply, seek }: Props) {
  const { t } = useTranslation('match');
  const shown = useDeferredValue(ply);
  const series = useSeries(record.seats);
  const [chosen, choose] = useState<'scores' | 'rewards'>('scores');
  const points = useMemo(() => (chosen === 'scores' ? scores(record) : rewards(record)), [record, chosen]);
  const thought = useMemo(() => thinking(record), [record]);
  if (record.steps.length === 0) return <Empty title={t('charts.none')} />;
  const common = { record, ply: shown, seek, series };
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
      <Panel
        title={t('charts.evaluation')}
        note={rewardedOnTheWay(record) ? t('charts.evaluationNote') : t('charts.atTheEnd')}
        actions={
          <SegmentedControl
            size="xs"
            aria-label={t('charts.which')}
            value={chosen}
            onChange={(value) => choose(value as 'scores' | 'rewards')}
            data={[
              { value: 'scores', label: t('charts.scores') },
              { value: 'rewards', label: t('charts.rewards') },
            ]}
          />
        }
      >
        <Drawn {...common} points={points} lines={chosen === 'scores'} label={t(`charts.${chosen}`)} value={plain} />
      </Panel>
      <Panel title={t('charts.thinking')} note={t('charts.thinkingNote')}>
        <Drawn {...common} points={thought} lines={false} label={t('charts.thinking')} value={seconds} />
      </Panel>
      <Group gap="md" style={{ gridColumn: '1 / -1' }}>
        {series.map(({ seat }) => (
          <Text key={seat} size="sm" component="div">
            <SeatName seat={seat} />
          </Text>
        ))}
        {record.seats > SEATS_MAX && (
          <Text size="sm" c="dimmed">
            {t('charts.first', { count: SEATS_MAX })}
          </Text>
        )}
      </Group>
    </SimpleGrid>
  );
});

const plain = (value: number) => number(value, decimals(value));
const seconds = (value: number) => (value === 0 ? '0' : duration(value * 1_000));

function useSeries(seats: number) {
  const named = useSeatName();
  const shown = Array.from({ length: Math.min(seats, SEATS_MAX) }, (_, seat) => seat);
  return shown.map((seat) => ({ seat, name: seriesOf(seat), label: named(seat), color: seatColour(seat) }));
}

function Panel(props: { title: string; note: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <Stack gap="xs" miw={0}>
      <Group justify="space-between" mih={30}>
        <Title order={2} size="h5">
          {props.title}
        </Title>
        {props.actions}
      </Group>
      <Text size="xs" c="dimmed">
        {props.note}
      </Text>
      {props.children}
    </Stack>
  );
}

interface DrawnProps extends Props {
  points: Point[];
  series: ReturnType<typeof useSeries>;
  lines: boolean;
  label: string;
  value: (value: number) => string;
}

function Drawn({ record, points, series, lines, label, ply, seek, value }: DrawnProps) {
  const { t } = useTranslation('match');
  const go = ({ activeLabel }: { activeLabel?: string | number | undefined }) => {
    if (activeLabel !== undefined) seek(Number(activeLabel));
  };
  const alone = record.steps.every((step) => step.moves.length === 1);
  const common = {
    h: HEIGHT,
    data: points,
    dataKey: 'ply',
    series,
    valueFormatter: value,
    referenceLines: [{ x: nearest(points, ply), color: 'dimmed', strokeDasharray: '0' }],
    accessibilityLayer: false,
    tooltipAnimationDuration: 0,
    yAxisProps: { width: 68 },
  };
  return (
    <Box role="img" aria-label={t('charts.label', { what: label, count: record.steps.length })}>
      {lines ? (
        <LineChart
          {...common}
          curveType="stepAfter"
          withDots={false}
          lineProps={{ isAnimationActive: false }}
          lineChartProps={{ onClick: go }}
        />
      ) : (
        <BarChart
          {...common}
          type={alone ? 'stacked' : 'default'}
          barProps={{ isAnimationActive: false }}
          barChartProps={{ onClick: go }}
        />
      )}
    </Box>
  );
}
