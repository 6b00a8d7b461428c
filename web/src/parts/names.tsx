import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { number } from './format';
import { TextLink } from './links';

/** An agent by its name; what has none any more (deleted) is called by its id. */
export function AgentName({ id, name, version }: { id: string; name?: string | null; version?: number }) {
  return (
    <Group gap={6} wrap="nowrap" miw={0}>
      <TextLink to="/agents/$agent" params={{ agent: id }} fw={500} inherit truncate display="block">
        {name ?? id}
      </TextLink>
      {version !== undefined && version > 1 && (
        <Text span size="xs" c="dimmed">
          v{version}
        </Text>
      )}
    </Group>
  );
}

/** Games by name: the catalogue is asked for once. */
export function useGames() {
  const { data } = $api.useQuery('get', '/api/games', {}, { staleTime: 300_000 });
  return (name: string) => data?.find((game) => game.name === name);
}

/** A game by its title. */
export function GameName({ game }: { game: string }) {
  const titled = useGames();
  return (
    <TextLink
      to="/games/$game"
      params={{ game }}
      inherit
      truncate
      display="inline-block"
      maw="100%"
      style={{ verticalAlign: 'bottom' }}
    >
      {titled(game)?.title ?? game}
    </TextLink>
  );
}

/** Who sits where: "a – b", or the first of many. */
export function Seats({ seats, shown = 3 }: { seats: Shown<'Seat'>[]; shown?: number }) {
  return (
    <Group gap={6} wrap="nowrap" miw={0}>
      {seats.slice(0, shown).map((seat, index) => (
        <Group key={seat.seat} gap={6} wrap="nowrap" miw={0}>
          {index > 0 && (
            <Text span c="dimmed" aria-hidden>
              ·
            </Text>
          )}
          <AgentName id={seat.agent} name={seat.agent_name} version={seat.version} />
        </Group>
      ))}
      {seats.length > shown && (
        <Text span c="dimmed" size="sm">
          +{seats.length - shown}
        </Text>
      )}
    </Group>
  );
}

const STATUS = { created: 'gray', running: 'ember', ended: 'slate', voided: 'gray' } as const;

/** How far a match is. */
export function Status({ status }: { status: Shown<'Match'>['status'] }) {
  const { t } = useTranslation();
  return (
    <Badge color={STATUS[status]} variant={status === 'running' ? 'filled' : 'light'}>
      {t(`status.${status}`)}
    </Badge>
  );
}

export type Result = 'won' | 'drawn' | 'lost' | 'placed' | 'open';

/** What came of a match for one of its seats. */
export function resultOf(match: Pick<Shown<'Match'>, 'status' | 'seats'>, seat: number): Result {
  const own = match.seats.find((one) => one.seat === seat);
  if (match.status !== 'ended' || own?.placement == null) return 'open';
  const others = match.seats.filter((one) => one.seat !== seat && (one.team == null || one.team !== own.team));
  if (others.length === 0) return 'placed';
  const best = Math.min(...match.seats.map((one) => one.placement ?? Number.POSITIVE_INFINITY));
  if (own.placement > best) return match.seats.length === 2 || own.placement === others.length + 1 ? 'lost' : 'placed';
  return others.some((one) => one.placement === own.placement) ? 'drawn' : 'won';
}

const RESULT = { won: 'teal', drawn: 'gray', lost: 'red', placed: 'blue', open: 'gray' } as const;

/** The same as a badge. place: shown where it is neither won nor lost. */
export function Outcome({ result, place }: { result: Result; place?: number | null }) {
  const { t } = useTranslation();
  if (result === 'open') return null;
  return (
    <Badge color={RESULT[result]} variant="light">
      {t(`result.${result}`, { place: place ?? '' })}
    </Badge>
  );
}

const ROSE = 'var(--mantine-color-teal-light-color)';
const FELL = 'light-dark(var(--mantine-color-red-9), var(--mantine-color-red-4))';

/** How a rating changed: +1.2. */
export function Change({ before, after }: { before: number | null | undefined; after: number | null | undefined }) {
  if (before == null || after == null) return null;
  const change = Math.round((after - before) * 10) / 10;
  return (
    <Text span size="sm" c={change > 0 ? ROSE : change < 0 ? FELL : 'dimmed'} ff="monospace">
      {change > 0 ? '+' : change < 0 ? '−' : '±'}
      {number(Math.abs(change), 1)}
    </Text>
  );
}
