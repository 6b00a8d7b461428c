import { LineChart } from '@mantine/charts';
import '@mantine/charts/styles.css';
import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { current } from '@/i18n';
import { moment, number } from '@/parts/format';
import { Await } from '@/parts/states';
import { overlaid } from './curves';

const POINTS = 200;
const HEIGHT_PX = 280;

interface Props {
  game: string;
  a: string;
  b: string;
  names: { a: string; b: string };
}

/** How the ratings of both went, on one axis of time. */
export function Curves({ game, a, b, names }: Props) {
  const { t } = useTranslation('compare');
  const first = useCourse(game, a);
  const second = useCourse(game, b);
  const query = {
    data: first.data && second.data,
    error: first.error ?? second.error,
    refetch: () => [first.refetch(), second.refetch()],
  };
  const moments = useMemo(() => overlaid(first.data ?? [], second.data ?? []), [first.data, second.data]);
  const day = useMemo(() => axisOf(moments.at(0)?.at ?? 0, moments.at(-1)?.at ?? 0), [moments]);
  return (
    <Await query={query} height={HEIGHT_PX}>
      {() =>
        moments.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('curves.none')}
          </Text>
        ) : (
          <div role="img" aria-label={t('curves.label', names)}>
            <LineChart
              h={HEIGHT_PX}
              data={[...moments]}
              dataKey="at"
              series={[
                { name: 'a', label: names.a, color: 'slate.6' },
                { name: 'b', label: names.b, color: 'ember.5' },
              ]}
              curveType="stepAfter"
              withDots={moments.length < 30}
              withLegend
              connectNulls
              valueFormatter={(value) => number(value, 1)}
              xAxisProps={{
                type: 'number',
                domain: ['dataMin', 'dataMax'],
                tickFormatter: (at: number) => day.format(at),
                minTickGap: 40,
              }}
              yAxisProps={{ domain: ['auto', 'auto'], width: 44 }}
              lineProps={{ isAnimationActive: false }}
              lineChartProps={{ accessibilityLayer: false }}
              // Where nothing is pointed at there is no time to be told.
              tooltipProps={{ labelFormatter: (at) => (Number(at) > 0 ? moment(Number(at)) : '') }}
            />
          </div>
        )
      }
    </Await>
  );
}

const useCourse = (game: string, agent: string) =>
  $api.useQuery('get', '/api/games/{game}/ratings/{agent_id}', {
    params: { path: { game, agent_id: agent }, query: { points: POINTS } },
  });

const DAY_MS = 86_400_000;

/** Hours for what happened within two days, else dates. */
const axisOf = (first: number, last: number) =>
  new Intl.DateTimeFormat(
    current(),
    last - first < 2 * DAY_MS ? { hour: '2-digit', minute: '2-digit' } : { month: 'short', day: 'numeric' },
  );
