import { Alert, Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { duration, number } from '@/parts/format';
import { Await } from '@/parts/states';
import type { Details } from './following';
import { actionText } from './lines';
import { Mask } from './Mask';
import { PAGE } from './pages';
import type { MatchRecord } from './record';
import { SeatName } from './seats';
import { isOver } from './settling';
import { Value } from './Value';
import { factsOf } from './words';

type OwnTurn = Omit<Shown<'OwnTurn'>, 'guide'> & {
  guide?: { choices?: { action: number; name: string }[] } | null;
};

interface Props {
  details: Details;
  record: MatchRecord;
  /** Seats whose owner looks. */
  own: readonly number[];
  ply: number;
  seek: (ply: number) => void;
}

const EVERY_MS = 1_500;

/** What the viewer's own seats saw at the position, what they could do, and what they did: for nobody else. */
export function Trail({ details, record, own, ply, seek }: Props) {
  const { t } = useTranslation('match');
  const agents = [...new Set(details.seats.filter((seat) => own.includes(seat.seat)).map((seat) => seat.agent))];
  return (
    <Stack>
      <Group gap={8} c="dimmed" wrap="nowrap">
        <IconLock size={16} aria-hidden style={{ flex: 'none' }} />
        <Text size="sm">{t('trail.private')}</Text>
      </Group>
      {agents.map((agent) => (
        <OfAgent key={agent} agent={agent} details={details} record={record} ply={ply} seek={seek} />
      ))}
    </Stack>
  );
}

function OfAgent({ agent, details, record, ply, seek }: Omit<Props, 'own'> & { agent: string }) {
  const { t } = useTranslation('match');
  const cursor = Math.floor(ply / PAGE) * PAGE;
  const query = $api.useQuery(
    'get',
    '/api/agents/{agent_id}/trail',
    { params: { path: { agent_id: agent }, query: { match: details.id, cursor, limit: PAGE, guide: true } } },
    {
      // Until the tables have all of it, they may be a moment behind what is known here.
      refetchInterval: ({ state: { data } }) => (data && isOver(data.status) ? false : EVERY_MS),
      placeholderData: (before) => before,
    },
  );
  return (
    <Await query={query} height={300}>
      {(trail) => (
        <Stack>
          {trail.problem && <Alert color="yellow">{t('trail.problem', { problem: trail.problem })}</Alert>}
          {trail.seats.map((seat) => (
            <OfSeat key={seat} seat={seat} record={record} ply={ply} seek={seek} turns={trail.items} />
          ))}
        </Stack>
      )}
    </Await>
  );
}

interface SeatProps {
  seat: number;
  record: MatchRecord;
  ply: number;
  seek: (ply: number) => void;
  turns: readonly OwnTurn[];
}

function OfSeat({ seat, record, ply, seek, turns }: SeatProps) {
  const { t } = useTranslation('match');
  // Where it was not asked, what it saw last says more than nothing.
  const turn = turns.findLast((one) => one.seat === seat && one.ply <= ply);
  const moves = record.steps.filter((step) => step.moves.some((move) => move.seat === seat)).map((step) => step.ply);
  const before = moves.findLast((one) => one < (turn?.ply ?? ply));
  const after = moves.find((one) => one > ply);
  return (
    <Paper withBorder p="md" component="section" aria-label={t('trail.turn', { ply: number((turn?.ply ?? ply) + 1) })}>
      <Group justify="space-between" mb="sm">
        <Group gap="sm">
          <SeatName seat={seat} />
          <Text c="dimmed">{t('trail.turn', { ply: number((turn?.ply ?? ply) + 1) })}</Text>
          {turn && turn.ply < ply && <Badge variant="default">{t('trail.earlier')}</Badge>}
        </Group>
        <Group gap="xs">
          <Button size="compact-xs" variant="default" disabled={before === undefined} onClick={() => seek(before ?? 0)}>
            {t('trail.before')}
          </Button>
          <Button size="compact-xs" variant="default" disabled={after === undefined} onClick={() => seek(after ?? 0)}>
            {t('trail.after')}
          </Button>
        </Group>
      </Group>
      {turn ? <Turn turn={turn} /> : <Text c="dimmed">{t('trail.notItsTurn')}</Text>}
    </Paper>
  );
}

function Turn({ turn }: { turn: OwnTurn }) {
  const { t } = useTranslation('match');
  const { played, legal, observation, faults } = turn;
  const names = new Map(turn.guide?.choices?.map(({ action, name }) => [action, name]));
  const text = played ? (names.get(played.action as number) ?? actionText(played.action)) : null;
  return (
    <Stack gap="md">
      <Group gap="lg">
        <Figure name={t('trail.action')}>
          {text === null ? (
            t('trail.noAction')
          ) : (
            <Text span ff="monospace" fw={600} style={{ overflowWrap: 'anywhere' }}>
              {text}
            </Text>
          )}
        </Figure>
        {played && <Figure name={t('trail.think')}>{duration(played.think_ms)}</Figure>}
        {played && <Figure name={t('trail.lag')}>{duration(played.lag_ms)}</Figure>}
        {played && played.forgiven_ms > 0 && <Figure name={t('trail.forgiven')}>{duration(played.forgiven_ms)}</Figure>}
        {played && (
          <Figure name={t('trail.reward')}>{number(played.reward, Number.isInteger(played.reward) ? 0 : 3)}</Figure>
        )}
        {played?.by_platform && <Badge variant="default">{t('moves.platform')}</Badge>}
      </Group>
      {faults.map((fault) => (
        <Alert
          key={fault.seq}
          color="red"
          title={`${t(`cause.${fault.cause as 'timeout'}`)} · ${t(`verdict.${fault.verdict as 'warned'}`)}`}
        >
          {factsOf(
            {
              ...fault,
              connection: fault.connection as null,
              cause: fault.cause as 'timeout',
              verdict: fault.verdict as 'warned',
            },
            t,
          ).map(({ name, text: told }) => (
            <Text key={name} size="sm" style={{ overflowWrap: 'anywhere' }}>
              <b>{name}</b>: {told}
            </Text>
          ))}
        </Alert>
      ))}
      <div>
        <Title order={2} size="h6" mb={4}>
          {t('trail.observation')}
        </Title>
        {observation === null || observation === undefined ? (
          <Text size="sm" c="dimmed">
            {t('trail.noObservation')}
          </Text>
        ) : (
          <Value value={observation} />
        )}
      </div>
      <div>
        <Title order={2} size="h6" mb={4}>
          {t('trail.legal')}
        </Title>
        <Mask legal={legal ?? null} action={played?.action} names={names} />
      </div>
    </Stack>
  );
}

function Figure({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="div">{children}</Text>
    </div>
  );
}
