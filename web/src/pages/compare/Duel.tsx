import { Grid, Select, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { useRefresh } from '@/live/hooks';
import { MatchList } from '@/pages/matches/list/MatchList';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { Curves } from './Curves';
import { grouped, ofVersions, tallyOf, versionsOf } from './duels';
import type { CompareSearch } from './search';
import { Tallies } from './Tallies';
import { useName } from './useName';
import { Verdict } from './Verdict';

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
