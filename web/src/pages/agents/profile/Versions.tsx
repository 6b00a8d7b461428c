import { Button, Group, MultiSelect, ScrollArea, Stack, Table, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { useRefresh } from '@/live/hooks';
import { Ago, duration, number, Rating } from '@/parts/format';
import { Section } from '@/parts/Page';
import { RateBar } from '@/parts/RateBar';
import { Await, Empty } from '@/parts/states';
import type { View } from '../Agent';
import { NewVersion } from '../care/NewVersion';
import { GameChoice, useGame } from './GameChoice';

type Compared = Shown<'Compared'>;
const PATH = '/api/agents/{agent_id}/versions/compare';
const BESIDE = 4; // versions, unless others are chosen
const BESIDE_MAX = 8;
const PLACE_PX = 360;

/** Its versions, side by side: what got better, and how sure that is. */
export default function Versions({ profile, own, search, change }: View) {
  const { t } = useTranslation('agent');
  const [asking, ask] = useState(false);
  const game = useGame(profile, search.game)?.game;
  return (
    <Section
      title={t('versions.title')}
      actions={
        <>
          {game && <GameChoice profile={profile} game={game} change={(next) => change({ game: next })} />}
          {own && (
            <Button size="xs" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => ask(true)}>
              {t('versions.new')}
            </Button>
          )}
        </>
      }
    >
      {game ? (
        <Beside
          agent={profile.id}
          game={game}
          own={own !== null}
          chosen={search.versions}
          choose={(versions) => change({ versions })}
        />
      ) : (
        <Empty title={t('versions.none', { version: profile.version })}>{t('versions.noneNote')}</Empty>
      )}
      {own && <NewVersion agent={own} opened={asking} close={() => ask(false)} />}
    </Section>
  );
}

interface BesideProps {
  agent: string;
  game: string;
  own: boolean;
  /** Numbers, with commas between them. */
  chosen: string | undefined;
  choose: (versions: string | undefined) => void;
}

function Beside({ agent, game, own, chosen, choose }: BesideProps) {
  const { t } = useTranslation('agent');
  const path = { agent_id: agent };
  const query = $api.useQuery('get', PATH, { params: { path, query: { game } } });
  const described = $api.useQuery('get', '/api/agents/{agent_id}/versions', { params: { path } }, { enabled: own });
  useRefresh({ agent }, ['get', PATH]);
  const texts = new Map(described.data?.items.map(({ version, description }) => [version, description]));
  return (
    <Await query={query} height={PLACE_PX}>
      {(all) => {
        const wanted = chosen?.split(',').map(Number) ?? all.slice(0, BESIDE).map(({ version }) => version);
        const shown = all.filter(({ version }) => wanted.includes(version));
        return (
          <Stack gap="sm">
            {all.length > 2 && (
              <MultiSelect
                label={t('versions.beside')}
                size="xs"
                maw={480}
                maxValues={BESIDE_MAX}
                data={all.map(({ version }) => ({ value: String(version), label: `v${version}` }))}
                value={shown.map(({ version }) => String(version))}
                onChange={(versions) => choose(versions.length ? versions.join(',') : undefined)}
              />
            )}
            <ScrollArea>
              <Figures versions={shown} texts={texts} />
            </ScrollArea>
            <Text size="xs" c="dimmed">
              {t('versions.note')}
            </Text>
          </Stack>
        );
      }}
    </Await>
  );
}

/** One row a figure, one column a version. */
const rowsOf = (t: TFunction<'agent'>): [string, (one: Compared) => ReactNode][] => [
  [t('versions.made'), (one) => <Ago at={one.created_ms} />],
  [t('stat.rating'), (one) => <Rating mu={one.mu} sigma={one.sigma} />],
  [t('results.played'), (one) => number(one.played)],
  [t('results.rate'), ({ rate, low, high }) => <RateBar of={rate == null ? null : { rate, low, high }} />],
  [t('results.wdl'), (one) => `${number(one.won)} / ${number(one.drawn)} / ${number(one.lost)}`],
  [t('results.score'), (one) => score(one)],
  [t('timing.think'), (one) => (one.think_ms_mean == null ? '–' : duration(one.think_ms_mean))],
  [t('matches.faults'), (one) => number(one.faults)],
];

function Figures({ versions, texts }: { versions: Compared[]; texts: Map<number, string> }) {
  const { t } = useTranslation('agent');
  return (
    <Table verticalSpacing="xs" aria-label={t('versions.title')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Td />
          {versions.map(({ version }) => (
            <Table.Th key={version} scope="col" miw={150}>
              v{version}
              {texts.get(version) && (
                <Text size="xs" c="dimmed" fw={400} lineClamp={3} maw={220}>
                  {texts.get(version)}
                </Text>
              )}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rowsOf(t).map(([name, show]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" fw={500} miw={110}>
              {name}
            </Table.Th>
            {versions.map((one) => (
              <Table.Td key={one.version} style={{ fontVariantNumeric: 'tabular-nums' }}>
                {show(one)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function score({ score_mean, score_low, score_high }: Compared): ReactNode {
  if (score_mean == null) return '–';
  if (score_low == null || score_high == null) return number(score_mean, 2);
  return (
    <Group gap={6}>
      {number(score_mean, 2)}
      <Text span size="xs" c="dimmed">
        {number(score_low, 2)}–{number(score_high, 2)}
      </Text>
    </Group>
  );
}
