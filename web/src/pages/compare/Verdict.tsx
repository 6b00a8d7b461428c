import { Group, Paper, Progress, SimpleGrid, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { number } from '@/parts/format';
import { AgentName } from '@/parts/names';
import { RateBar } from '@/parts/RateBar';
import { type Rate, wilson } from '@/parts/wilson';
import { points, type Tally } from './duels';

interface VerdictProps {
  tally: Tally;
  a: string;
  b: string;
  names: { a: string; b: string };
}

/** What came of all their matches, and what that says. */
export function Verdict({ tally, a, b, names }: VerdictProps) {
  const { t } = useTranslation('compare');
  const rate = wilson(points(tally), tally.played);
  const share = (count: number) => (count / tally.played) * 100;
  return (
    <Stack gap="sm">
      <SimpleGrid cols={3} spacing="xs">
        <Side agent={a} name={names.a} count={tally.ahead} label={t('duel.won')} />
        <div>
          <Text ta="center" size="sm" c="dimmed">
            {t('duel.drawn')}
          </Text>
          <Text ta="center" fz={30} fw={650}>
            {number(tally.level)}
          </Text>
        </div>
        <Side agent={b} name={names.b} count={tally.behind} label={t('duel.won')} end />
      </SimpleGrid>
      <Progress.Root size={14} aria-hidden>
        <Progress.Section value={share(tally.ahead)} color="slate.7" withAria={false} />
        <Progress.Section value={share(tally.level)} color="gray.5" withAria={false} />
        <Progress.Section value={share(tally.behind)} color="ember.5" withAria={false} />
      </Progress.Root>
      <Group justify="space-between" gap="sm">
        <Paper>
          <Text size="xs" c="dimmed">
            {t('duel.rateOf', { name: names.a })}
          </Text>
          <RateBar of={rate} width={260} />
        </Paper>
        <Text size="sm" maw={520}>
          {rate && t(verdictOf(rate), { ...names, shown: number(tally.played) })}
        </Text>
      </Group>
    </Stack>
  );
}

/** Which of the two is better, as far as the interval tells. */
const verdictOf = (rate: Rate) =>
  rate.low > 0.5 ? ('duel.better' as const) : rate.high < 0.5 ? ('duel.worse' as const) : ('duel.open' as const);

function Side({
  agent,
  name,
  count,
  label,
  end,
}: {
  agent: string;
  name: string;
  count: number;
  label: string;
  end?: boolean;
}) {
  return (
    <Stack gap={0} align={end ? 'flex-end' : 'flex-start'} miw={0}>
      <AgentName id={agent} name={name} />
      <Text fz={30} fw={650}>
        {number(count)}
        <Text span size="sm" c="dimmed" fw={400}>
          {' '}
          {label}
        </Text>
      </Text>
    </Stack>
  );
}
