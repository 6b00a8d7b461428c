import { Badge, Button, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api } from '@/api/client';
import { useRefresh } from '@/live/hooks';
import { Confirm } from '@/parts/Confirm';
import { Ago, duration, number } from '@/parts/format';
import { TextLink } from '@/parts/links';
import { AgentName, GameName } from '@/parts/names';
import { RateBar } from '@/parts/RateBar';
import { wilson } from '@/parts/wilson';
import { isOpen, percentOver, type Request, stretches } from './progress';
import { useName } from './useName';

const COLOURS = { won: 'teal.6', drawn: 'gray.5', lost: 'red.6', void: 'yellow.5', running: 'slate.4' } as const;
const STATUS = { queued: 'gray', running: 'ember', done: 'teal', cancelled: 'gray' } as const;
const NAMED = 3;

/** One request: who plays whom, how far it is, and what came of it. follow: its events are watched. */
export function RequestCard({ request, follow }: { request: Request; follow: boolean }) {
  const { t } = useTranslation('compare');
  useRefresh(follow ? { agent: request.agent, kinds: ['created', 'ended', 'voided'] } : null, ['get', '/api/requests']);
  return (
    <Paper withBorder p="sm" component="article" aria-label={t('requests.label', { count: request.count })}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Stack gap={2} miw={0}>
          <Group gap={6}>
            <Named agent={request.agent} />
            <Text span c="dimmed" size="sm">
              {t('requests.against')}
            </Text>
            <Opponents request={request} />
          </Group>
          <Text size="xs" c="dimmed" component="div">
            <GameName game={request.game} /> · {request.rated ? t('requests.rated') : t('requests.unrated')} ·{' '}
            <Ago at={request.created_ms} />
          </Text>
        </Stack>
        <Badge color={STATUS[request.status]} variant={request.status === 'running' ? 'filled' : 'light'}>
          {t(`requests.status.${request.status}`)}
        </Badge>
      </Group>
      <Bar request={request} />
      <Group justify="space-between" gap="sm" mt={6}>
        <Result request={request} />
        <Group gap="xs">
          <TextLink to="/matches" search={{ request: request.id }} size="sm">
            {t('requests.matches')}
          </TextLink>
          {isOpen(request) && <Cancel request={request} />}
        </Group>
      </Group>
    </Paper>
  );
}

const Named = ({ agent }: { agent: string }) => <AgentName id={agent} name={useName(agent)} />;

function Opponents({ request }: { request: Request }) {
  const { t } = useTranslation('compare');
  if (request.rating)
    return (
      <Text span size="sm">
        {t('requests.range', { low: number(request.rating.low, 1), high: number(request.rating.high, 1) })}
      </Text>
    );
  return (
    <>
      {request.opponents.slice(0, NAMED).map((agent) => (
        <Named key={agent} agent={agent} />
      ))}
      {request.opponents.length > NAMED && (
        <Text span size="sm" c="dimmed">
          +{request.opponents.length - NAMED}
        </Text>
      )}
    </>
  );
}

function Bar({ request }: { request: Request }) {
  const { t } = useTranslation('compare');
  const over = request.progress.ended + request.progress.voided;
  const told = t('requests.over', { over: number(over), count: request.count, shown: number(request.count) });
  return (
    <>
      <Progress.Root
        size={12}
        mt="xs"
        role="progressbar"
        aria-label={told}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percentOver(request)}
      >
        {stretches(request).map((one) => (
          <Progress.Section
            key={one.of}
            value={one.percent}
            color={COLOURS[one.of]}
            animated={one.of === 'running'}
            withAria={false}
          />
        ))}
      </Progress.Root>
      <Group justify="space-between" mt={4} gap="xs">
        <Text size="xs" c="dimmed">
          {told}
          {stretches(request).map((one) => ` · ${t(`requests.part.${one.of}`, { count: one.count })}`)}
        </Text>
        {isOpen(request) && (
          <Text size="xs" c="dimmed">
            {request.estimated_ms === null
              ? t('requests.waiting')
              : t('requests.eta', { time: duration(request.estimated_ms) })}
          </Text>
        )}
      </Group>
    </>
  );
}

/** What is known of one's agent by now. */
function Result({ request }: { request: Request }) {
  const { t } = useTranslation('compare');
  const { data: games } = $api.useQuery('get', '/api/games', {}, { staleTime: 300_000 });
  const { progress } = request;
  if (progress.ended === 0) return <span />;
  if (games?.find((game) => game.name === request.game)?.rating === 'score') {
    return <Text size="sm">{t('requests.score', { score: number(progress.score_mean ?? 0, 2) })}</Text>;
  }
  return (
    <Group gap="xs" align="flex-start">
      <Text size="sm" c="dimmed">
        {t('duel.rate')}
      </Text>
      <RateBar of={wilson(progress.wins + progress.draws / 2, progress.ended)} width={170} />
    </Group>
  );
}

function Cancel({ request }: { request: Request }) {
  const { t } = useTranslation('compare');
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const cancel = async () => {
    await api.DELETE('/api/requests/{request_id}', { params: { path: { request_id: request.id } } });
    await queries.invalidateQueries({ queryKey: ['get', '/api/requests'] });
  };
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={() => setAsking(true)}>
        {t('requests.cancel')}
      </Button>
      <Confirm
        opened={asking}
        close={() => setAsking(false)}
        title={t('requests.cancelTitle')}
        label={t('requests.cancelYes')}
        color="red"
        run={cancel}
      >
        {t('requests.cancelNote')}
      </Confirm>
    </>
  );
}
