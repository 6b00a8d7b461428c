import { Grid, Group, Paper, Progress, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { useRefresh } from '@/live/hooks';
import { MatchList } from '@/pages/matches/list/MatchList';
import { number } from '@/parts/format';
import { AgentName } from '@/parts/names';
import { Section } from '@/parts/Page';
import { RateBar } from '@/parts/RateBar';
import { Await, Empty } from '@/parts/states';
import { type Rate, wilson } from '@/parts/wilson';
import { Curves } from './Curves';
import { grouped, ofVersions, points, type Tally, tallyOf, versionsOf } from './duels';
import type { CompareSearch } from './search';
import { Tallies } from './Tallies';

interface Props {
  game: string;
  a: string;
  b: string;
  /** Of `a` and of `b`; undefined: all. */
  versions: [number | undefined, number | undefined];
  want: (change: Partial<CompareSearch>) => void;
}

/** Two agents against each other in one game. */
export function Duel({ game, a, b, versions, want }: Props) {
  const duels = $api.useQuery('get', '/api/games/{game}/head-to-head', {
    params: { path: { game }, query: { agent: a, opponent: b } },
  });
  useRefresh({ agent: a, kinds: ['ended'] }, ['get', '/api/games/{game}/head-to-head']);
  return (
    <Await query={duels} height={420}>
      {(found) => <Met found={found} game={game} a={a} b={b} versions={versions} want={want} />}
    </Await>
  );
}

function Met({ found, game, a, b, versions, want }: Props & { found: Shown<'HeadToHead'> }) {
  const { t } = useTranslation('compare');
  const names = { a: useName(a), b: useName(b) };
  const chosen = ofVersions(found.duels, ...versions);
  const tally = tallyOf(chosen);
  return (
    <Stack gap="md">
      <Section
        title={t('duel.title')}
        actions={
          <>
            <Version
              label={t('duel.versionOf', { name: names.a })}
              versions={versionsOf(found.duels, 'version')}
              value={versions[0]}
              choose={(av) => want({ av })}
            />
            <Version
              label={t('duel.versionOf', { name: names.b })}
              versions={versionsOf(found.duels, 'opponent_version')}
              value={versions[1]}
              choose={(bv) => want({ bv })}
            />
          </>
        }
      >
        {tally.played > 0 ? (
          <Verdict tally={tally} a={a} b={b} names={names} />
        ) : (
          <Empty title={t('duel.never', names)}>{t('duel.neverNote')}</Empty>
        )}
      </Section>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Section title={t('duel.bySeat', { name: names.a })}>
            <Tallies
              label={t('duel.bySeat', { name: names.a })}
              head={t('duel.seat')}
              rows={grouped(chosen, (duel) => String(duel.seat))}
            />
          </Section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Section title={t('duel.byVersion')}>
            <Tallies
              label={t('duel.byVersion')}
              head={t('duel.versions')}
              rows={grouped(chosen, (duel) => `v${duel.version} – v${duel.opponent_version}`)}
            />
          </Section>
        </Grid.Col>
      </Grid>
      <Section title={t('curves.title')}>
        <Curves game={game} a={a} b={b} names={names} />
      </Section>
      <Section title={t('duel.matches')}>
        <MatchList wanted={{ game, agent: a, opponent: b }} label={t('duel.matchesOf', names)} height={420} />
      </Section>
    </Stack>
  );
}

/** An agent's name, or its id while it is asked for. */
export function useName(agent: string): string {
  const { data } = $api.useQuery(
    'get',
    '/api/agents/{agent_id}/profile',
    { params: { path: { agent_id: agent } } },
    { staleTime: 300_000 },
  );
  return data?.name ?? agent;
}

interface VersionProps {
  label: string;
  versions: number[];
  value: number | undefined;
  choose: (version: number | undefined) => void;
}

function Version({ label, versions, value, choose }: VersionProps) {
  const { t } = useTranslation('compare');
  if (versions.length < 2 && value === undefined) return null;
  return (
    <Select
      size="xs"
      w={150}
      aria-label={label}
      placeholder={t('duel.allVersions')}
      data={versions.map((version) => ({ value: String(version), label: `v${version}` }))}
      value={value === undefined ? null : String(value)}
      onChange={(version) => choose(version === null ? undefined : Number(version))}
      clearable
    />
  );
}

interface VerdictProps {
  tally: Tally;
  a: string;
  b: string;
  names: { a: string; b: string };
}

function Verdict({ tally, a, b, names }: VerdictProps) {
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
