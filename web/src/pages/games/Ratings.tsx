import { BarChart } from '@mantine/charts';
import { Alert, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import '@mantine/charts/styles.css';
import { $api, type Shown } from '@/api/client';
import { number, percent } from '@/parts/format';
import { Section } from '@/parts/Page';
import { RateBar } from '@/parts/RateBar';
import { Await } from '@/parts/states';
import { type Rate, wilson } from '@/parts/wilson';
import { type Bin, filled } from './bins';
import { Nothing } from './Nothing';

const BINS = 24;

/** How ratings are spread, and whether a seat is better than another. */
export function Ratings({ game }: { game: Shown<'ShownGame'> }) {
  const { t } = useTranslation('games');
  const bins = $api.useQuery('get', '/api/games/{game}/distribution', {
    params: { path: { game: game.name }, query: { bins: BINS } },
  });
  return (
    <Await query={bins} height={420}>
      {(found) =>
        found.length === 0 ? (
          <Nothing game={game.name} />
        ) : (
          <>
            <Section title={t('ratings.title')}>
              <Histogram bins={filled(found)} />
            </Section>
            {game.seats > 1 && game.rating === 'openskill' && <SeatRates game={game} />}
          </>
        )
      }
    </Await>
  );
}

function Histogram({ bins }: { bins: Bin[] }) {
  const { t } = useTranslation('games');
  const agents = bins.reduce((sum, bin) => sum + bin.agents, 0);
  const told = t('ratings.told', {
    count: agents,
    low: number(bins[0]?.low ?? 0, 1),
    high: number(bins.at(-1)?.high ?? 0, 1),
  });
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {told}
      </Text>
      <div role="img" aria-label={`${t('ratings.of')}: ${told}`}>
        <BarChart
          h={260}
          data={bins.map((bin) => ({ rating: `${number(bin.low, 1)} – ${number(bin.high, 1)}`, agents: bin.agents }))}
          dataKey="rating"
          series={[{ name: 'agents', label: t('ratings.agents'), color: 'slate.6' }]}
          yAxisProps={{ allowDecimals: false, width: 40 }}
          xAxisProps={{ interval: 'preserveStartEnd', minTickGap: 24 }}
          barProps={{ isAnimationActive: false, radius: [3, 3, 0, 0] }}
          barChartProps={{ accessibilityLayer: false, barCategoryGap: 1 }}
        />
      </div>
    </>
  );
}

function SeatRates({ game }: { game: Shown<'ShownGame'> }) {
  const { t } = useTranslation('games');
  const seats = $api.useQuery('get', '/api/games/{game}/seats', { params: { path: { game: game.name } } });
  return (
    <Section title={t('ratings.seats')}>
      <Text size="sm" c="dimmed" mb="sm">
        {t('ratings.seatsNote')}
      </Text>
      <Await query={seats} height={160}>
        {(rows) => <Seats game={game} rows={rows} />}
      </Await>
    </Section>
  );
}

function Seats({ game, rows }: { game: Shown<'ShownGame'>; rows: Shown<'SeatRate'>[] }) {
  const { t } = useTranslation('games');
  const rates = rows.map((row) => ({ row, of: wilson(row.won + row.drawn / 2, row.played) }));
  return (
    <>
      {game.seats === 2 && <Verdict rates={rates} chance={0.5} />}
      <Table aria-label={t('ratings.seats')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('ratings.seat')}</Table.Th>
            <Table.Th>{t('ratings.rate')}</Table.Th>
            <Table.Th>{t('ratings.score')}</Table.Th>
            <Table.Th>{t('ratings.played')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rates.map(({ row, of }) => (
            <Table.Tr key={row.seat}>
              <Table.Td>{row.seat}</Table.Td>
              <Table.Td>
                <RateBar of={of} width={220} />
              </Table.Td>
              <Table.Td>{number(row.score_mean, 2)}</Table.Td>
              <Table.Td>{number(row.played)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

/** Said in words for two seats, where a half is what chance gives. */
function Verdict({ rates, chance }: { rates: { row: Shown<'SeatRate'>; of: Rate | null }[]; chance: number }) {
  const { t } = useTranslation('games');
  const better = rates.find(({ of }) => of && of.low > chance);
  return (
    <Alert variant="light" color={better ? 'yellow' : 'teal'} mb="sm" p="xs">
      {better
        ? t('ratings.unfair', { seat: better.row.seat, even: percent(chance) })
        : t('ratings.fair', { even: percent(chance) })}
    </Alert>
  );
}
