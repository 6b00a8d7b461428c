import { Group, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { Ago, duration, number } from '@/parts/format';
import type { Columns } from '@/parts/Listing';
import { TextLink } from '@/parts/links';
import { AgentName, Change, GameName, Outcome, resultOf, Status } from '@/parts/names';

type Match = Shown<'Match'>;
type Seat = Shown<'Seat'>;

const SEATS_SHOWN = 4;

/** The columns of a list of matches. agent: from whose side results are told. */
export function useColumns(agent: string | undefined): Columns<Match> {
  const { t } = useTranslation('matches');
  return useMemo(
    () => [
      {
        id: 'seats',
        header: t('column.seats'),
        cell: ({ row: { original } }) => <Standings match={original} agent={agent} />,
      },
      {
        id: 'result',
        header: t('column.result'),
        cell: ({ row: { original } }) => <Cause match={original} agent={agent} />,
      },
      {
        id: 'game',
        header: t('column.game'),
        meta: { wide: true },
        cell: ({ row: { original } }) => <GameName game={original.game} />,
      },
      {
        id: 'length',
        header: t('column.length'),
        meta: { wide: true },
        cell: ({ row: { original } }) => <Length match={original} />,
      },
      {
        id: 'when',
        header: t('column.when'),
        cell: ({ row: { original } }) => (
          <TextLink to="/matches/$match" params={{ match: original.id }} size="sm" style={{ whiteSpace: 'nowrap' }}>
            <Ago at={original.ended_ms ?? original.started_ms ?? original.created_ms} />{' '}
            <VisuallyHidden>
              {t('open', { names: original.seats.map((seat) => seat.agent_name ?? seat.agent).join(', ') })}
            </VisuallyHidden>
          </TextLink>
        ),
      },
    ],
    [t, agent],
  );
}

/** Who sat there, best first, with what it did to their ratings. */
function Standings({ match, agent }: { match: Match; agent: string | undefined }) {
  const seats = [...match.seats].sort(
    (a, b) =>
      (a.placement ?? 0) - (b.placement ?? 0) ||
      Number(b.agent === agent) - Number(a.agent === agent) ||
      a.seat - b.seat,
  );
  return (
    <Stack gap={0} maw={{ base: 160, sm: 420 }}>
      <Group gap="0 12px">
        {seats.slice(0, SEATS_SHOWN).map((seat) => (
          <Placed key={seat.seat} seat={seat} />
        ))}
        {seats.length > SEATS_SHOWN && (
          <Text span c="dimmed" size="sm">
            +{seats.length - SEATS_SHOWN}
          </Text>
        )}
      </Group>
      <Text size="xs" c="dimmed" component="div" hiddenFrom="sm">
        <GameName game={match.game} />
      </Text>
    </Stack>
  );
}

function Placed({ seat }: { seat: Seat }) {
  return (
    <Group gap={4} wrap="nowrap" miw={0} maw="100%">
      {seat.placement !== null && (
        <Text span size="sm" c={seat.placement === 1 ? undefined : 'dimmed'} fw={seat.placement === 1 ? 700 : 400}>
          {seat.placement}.
        </Text>
      )}
      <AgentName id={seat.agent} name={seat.agent_name} version={seat.version} />
      <Change before={seat.mu_before} after={seat.mu_after} />
    </Group>
  );
}

/** How far it is; when it is over, why, in words; and who won, where one side is looked at. */
function Cause({ match, agent }: { match: Match; agent: string | undefined }) {
  const { t } = useTranslation('matches');
  const own = match.seats.find((seat) => seat.agent === agent);
  if (match.status === 'running' || match.status === 'created')
    return (
      <div style={{ minWidth: 'max-content' }}>
        <Status status={match.status} />
      </div>
    );
  const known = match.cause as 'finished' | null;
  return (
    <Group gap={6} wrap="nowrap">
      {own && match.status === 'ended' && <Outcome result={resultOf(match, own.seat)} place={own.placement} />}
      <Text
        size="sm"
        style={{ whiteSpace: 'nowrap' }}
        c={
          match.status === 'voided'
            ? 'light-dark(var(--mantine-color-yellow-9), var(--mantine-color-yellow-4))'
            : match.cause === 'finished'
              ? 'dimmed'
              : undefined
        }
      >
        {match.status === 'voided' && `${t('status.voided')}: `}
        {known ? t(`cause.${known}`, { defaultValue: known }) : ''}
        {!match.rated && match.status === 'ended' && ` · ${t('unrated')}`}
      </Text>
    </Group>
  );
}

function Length({ match }: { match: Match }) {
  const { t } = useTranslation('matches');
  return (
    <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
      {t('plies', { count: match.plies, shown: number(match.plies) })}
      {match.started_ms && match.ended_ms ? ` · ${duration(match.ended_ms - match.started_ms)}` : ''}
    </Text>
  );
}
