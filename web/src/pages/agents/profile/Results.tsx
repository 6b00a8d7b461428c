import { Group, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import type { TFunction } from 'i18next';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { useRefresh } from '@/live/hooks';
import { Ago, number } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { AgentName, GameName } from '@/parts/names';
import { RateBar } from '@/parts/RateBar';
import { Await, Empty } from '@/parts/states';
import type { View } from '../Agent';
import { BY, type By } from '../search';
import { GameChoice } from './GameChoice';

type Result = Shown<'Result'>;
const PATH = '/api/agents/{agent_id}/results';
const VERSIONS_SHOWN = 50;
const PLACE_PX = 360;
const helper = createColumnHelper<Result>();

/** How often it wins: against whom, from which seat, as which version, in which game; and how sure that is. */
export default function Results({ profile, search, change }: View) {
  const { t } = useTranslation('agent');
  const by = search.by ?? 'opponent';
  const version = search.version;
  const query = $api.useQuery('get', PATH, {
    params: { path: { agent_id: profile.id }, query: { by, game: search.game, version } },
  });
  useRefresh({ agent: profile.id }, ['get', PATH]);
  const columns = useMemo(() => columnsOf(t, by), [t, by]);
  const versions = Array.from({ length: Math.min(profile.version, VERSIONS_SHOWN) }, (_, at) => profile.version - at);
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <SegmentedControl
          aria-label={t('results.by')}
          value={by}
          onChange={(value) => change({ by: value as By })}
          data={BY.map((value) => ({ value, label: t(`results.${value}`) }))}
        />
        <GameChoice profile={profile} game={search.game ?? null} change={(game) => change({ game })} all />
        {profile.version > 1 && (
          <Select
            aria-label={t('version')}
            size="xs"
            w={140}
            allowDeselect={false}
            value={version ? String(version) : ''}
            onChange={(value) => change({ version: Number(value) || undefined })}
            data={[
              { value: '', label: t('allVersions') },
              ...versions.map((one) => ({ value: String(one), label: `v${one}` })),
            ]}
          />
        )}
      </Group>
      <Await query={query} height={PLACE_PX}>
        {(rows) => (
          <Listing
            label={t('tab.results')}
            rows={rows}
            columns={columns}
            rowId={({ key }) => key}
            sortable
            empty={<Empty title={t('results.none')}>{t('results.noneNote')}</Empty>}
          />
        )}
      </Await>
      <Text size="xs" c="dimmed">
        {t('results.note')}
      </Text>
    </Stack>
  );
}

const columnsOf = (t: TFunction<'agent'>, by: By): Columns<Result> =>
  [
    helper.accessor(({ key, name }) => (by === 'opponent' ? (name ?? key) : by === 'game' ? key : Number(key)), {
      id: 'key',
      header: () => t(`results.${by}`),
      cell: ({ row: { original } }) => <Key of={original} by={by} />,
    }),
    helper.accessor('played', {
      header: () => t('results.played'),
      cell: ({ getValue }) => number(getValue()),
    }),
    helper.accessor('rate', {
      header: () => t('results.rate'),
      cell: ({
        row: {
          original: { rate, low, high },
        },
      }) => <RateBar of={rate == null ? null : { rate, low, high }} />,
    }),
    helper.accessor('won', {
      header: () => t('results.wdl'),
      meta: { wide: true },
      cell: ({ row: { original } }) => (
        <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>
          {number(original.won)} / {number(original.drawn)} / {number(original.lost)}
        </Text>
      ),
    }),
    helper.accessor('score_mean', {
      header: () => t('results.score'),
      meta: { wide: true },
      cell: ({ getValue }) => number(getValue(), 2),
    }),
    helper.accessor((row) => row.last_ms ?? 0, {
      id: 'last',
      header: () => t('results.last'),
      meta: { wide: true },
      cell: ({ getValue }) => (getValue() ? <Ago at={getValue()} /> : '–'),
    }),
  ] as Columns<Result>;

function Key({ of, by }: { of: Result; by: By }) {
  const { t } = useTranslation('agent');
  if (by === 'opponent') return <AgentName id={of.key} name={of.name} version={of.version ?? undefined} />;
  if (by === 'game') return <GameName game={of.key} />;
  return by === 'seat' ? t('results.seatNumber', { seat: Number(of.key) + 1 }) : `v${of.key}`;
}
