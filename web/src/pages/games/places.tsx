import { Sparkline } from '@mantine/charts';
import { ActionIcon, Badge, Group, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconListDetails } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import '@mantine/charts/styles.css';
import type { Shown } from '@/api/client';
import { number, Rating } from '@/parts/format';
import type { Columns } from '@/parts/Listing';
import { AgentName } from '@/parts/names';
import { Interval } from '@/parts/RateBar';

type Place = Shown<'Place'>;

/** The columns of a leaderboard. lines: sparklines by agent. */
export function useColumns(
  model: Shown<'ShownGame'>['rating'],
  places: Place[],
  lines: Map<string, number[]>,
  showForm: (agent: string) => void,
): Columns<Place> {
  const { t } = useTranslation('games');
  const least = Math.min(...places.map((place) => place.low));
  const most = Math.max(...places.map((place) => place.high));
  return useMemo(
    () => [
      { id: 'rank', header: t('board.rank'), cell: ({ row: { original } }) => number(original.rank) },
      { id: 'agent', header: t('board.agent'), cell: ({ row: { original } }) => <Who place={original} /> },
      {
        id: 'owner',
        header: t('board.owner'),
        meta: { wide: true },
        cell: ({ row: { original } }) => (
          <Text size="sm" c="dimmed" truncate maw={160}>
            {original.owner_name ?? '–'}
          </Text>
        ),
      },
      {
        id: 'rating',
        header: t(model === 'score' ? 'board.score' : 'board.rating'),
        cell: ({ row: { original } }) => <Strength place={original} least={least} most={most} />,
      },
      {
        id: 'course',
        header: t('board.course'),
        meta: { wide: true },
        cell: ({ row: { original } }) => <Course mu={lines.get(original.agent)} />,
      },
      {
        id: 'record',
        header: t('board.record'),
        meta: { wide: true },
        cell: ({ row: { original } }) => (
          <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>
            {number(original.won)} · {number(original.drawn)} · {number(original.lost)}
          </Text>
        ),
      },
      {
        id: 'form',
        header: () => <VisuallyHidden>{t('board.formTitle')}</VisuallyHidden>,
        meta: { wide: true },
        cell: ({ row: { original } }) => {
          const label = t('board.form', { name: original.agent_name ?? original.agent });
          return (
            <Tooltip label={label}>
              <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={() => showForm(original.agent)}>
                <IconListDetails size={18} aria-hidden />
              </ActionIcon>
            </Tooltip>
          );
        },
      },
    ],
    [t, model, least, most, lines, showForm],
  );
}

function Who({ place }: { place: Place }) {
  const { t } = useTranslation('games');
  return (
    <Group gap="2px 6px" miw={0} maw={280}>
      <AgentName id={place.agent} name={place.agent_name} />
      {place.house && (
        <Badge size="xs" variant="default">
          {t('board.houseBadge')}
        </Badge>
      )}
      {place.provisional && (
        <Tooltip label={t('board.provisionalNote')}>
          <Badge size="xs" variant="outline" color="gray">
            {t('board.provisional')}
          </Badge>
        </Tooltip>
      )}
    </Group>
  );
}

/** The rating, and where it lies among all that are listed, with its interval. */
function Strength({ place, least, most }: { place: Place; least: number; most: number }) {
  const span = Math.max(most - least, 1e-9);
  const at = (value: number) => (value - least) / span;
  return (
    <div style={{ minWidth: 96, maxWidth: 180 }}>
      <Rating mu={place.mu} sigma={place.sigma} />
      <Interval low={at(place.low)} middle={at(place.mu)} high={at(place.high)} />
    </div>
  );
}

function Course({ mu }: { mu: number[] | undefined }) {
  const { t } = useTranslation('games');
  const first = mu?.[0];
  const last = mu?.at(-1);
  if (!mu || first === undefined || last === undefined) return <div style={{ width: 110, height: 28 }} />;
  return (
    <div role="img" aria-label={t('board.courseOf', { first: number(first, 1), last: number(last, 1) })}>
      <Sparkline
        w={110}
        h={28}
        data={mu}
        fillOpacity={0.15}
        strokeWidth={1.5}
        trendColors={{ positive: 'teal.6', negative: 'red.6', neutral: 'gray.5' }}
        areaProps={{ isAnimationActive: false }}
      />
    </div>
  );
}
