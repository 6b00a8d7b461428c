import { Alert, Button, Group, Loader, Stack, Text, Timeline } from '@mantine/core';
import { IconCheck, IconCircleDashed } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { Ago, duration } from '@/parts/format';
import { ButtonLink } from '@/parts/links';
import { GameName } from '@/parts/names';
import { Why } from '../Why';
import type { Arrival } from './arrival';

const ORDER = ['credential', 'hello', 'opponent', 'played'] as const;
const GAMES_SHOWN = 3;

/** Seen live: its hello, where it waits and why, its first match. */
export function Arriving({ agent, arrival }: { agent: Shown<'ShownAgent'>; arrival: Arrival }) {
  const { t } = useTranslation('mounting');
  const at = ORDER.indexOf(arrival.stage);
  const bullet = (step: number) =>
    at > step || at === 3 ? (
      <IconCheck size={14} aria-hidden />
    ) : at === step ? (
      <Loader size={12} color="white" aria-hidden />
    ) : (
      <IconCircleDashed size={14} aria-hidden />
    );
  return (
    <Stack gap="md" aria-live="polite">
      <Hindrance agent={agent} why={arrival.hindrance} />
      <Timeline active={at === 3 ? 2 : at - 1} color={at === 3 ? 'teal.8' : undefined} bulletSize={24} lineWidth={2}>
        <Timeline.Item bullet={bullet(1)} title={t(at > 1 ? 'arrival.connected' : 'arrival.hello')}>
          <Hello arrival={arrival} />
        </Timeline.Item>
        <Timeline.Item bullet={bullet(2)} title={t(at > 2 ? 'arrival.matched' : 'arrival.opponent')}>
          {arrival.stage === 'opponent' && <Waiting wait={arrival.wait} />}
        </Timeline.Item>
        <Timeline.Item bullet={bullet(3)} title={t(arrival.playing ? 'arrival.plays' : 'arrival.first')}>
          {arrival.match && (
            <Group gap="xs" mt={6}>
              <ButtonLink to="/matches/$match" params={{ match: arrival.match }}>
                {t(arrival.playing ? 'arrival.watch' : 'arrival.see')}
              </ButtonLink>
              <ButtonLink to="/agents/$agent" params={{ agent: agent.id }} variant="default">
                {t('arrival.page')}
              </ButtonLink>
            </Group>
          )}
        </Timeline.Item>
      </Timeline>
    </Stack>
  );
}

const Note = ({ children }: { children: ReactNode }) => (
  <Text size="sm" c="dimmed" component="div">
    {children}
  </Text>
);

function Hello({ arrival: { stage, instances, connectedMs, match } }: { arrival: Arrival }) {
  const { t } = useTranslation('mounting');
  const [first] = instances;
  if (first) {
    const shown = first.games.slice(0, GAMES_SHOWN);
    return (
      <Note>
        <Group gap={6}>
          <span>
            {t('arrival.instances', { count: instances.length, name: first.instance })}
            {' · '}
            {t('arrival.slots', { count: instances.reduce((sum, one) => sum + one.slots, 0) })}
            {' ·'}
          </span>
          {shown.map((game) => (
            <GameName key={game} game={game} />
          ))}
          {first.games.length > shown.length && <span>+{first.games.length - shown.length}</span>}
        </Group>
      </Note>
    );
  }
  if (stage !== 'hello') return null;
  if (match) return <Note>{t('arrival.gone')}</Note>;
  return (
    <Note>
      {connectedMs ? (
        <>
          {t('arrival.silent')} <Ago at={connectedMs} />
        </>
      ) : (
        t('arrival.helloNote')
      )}
    </Note>
  );
}

function Waiting({ wait }: { wait: Shown<'Wait'> | null }) {
  const { t } = useTranslation('mounting');
  if (!wait) return null;
  return (
    <Note>
      <GameName game={wait.game} />: <Why wait={wait} />
      {wait.estimated_ms != null && ` · ${t('arrival.estimated', { time: duration(wait.estimated_ms) })}`}
    </Note>
  );
}

/** What keeps it from arriving, and what to do. */
function Hindrance({ agent, why }: { agent: Shown<'ShownAgent'>; why: Arrival['hindrance'] }) {
  const { t } = useTranslation('mounting');
  const queries = useQueryClient();
  const resume = $api.useMutation('post', '/api/agents/{agent_id}/resume', {
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/api/agents/{agent_id}'] }),
  });
  if (!why) return null;
  return (
    <Alert color={why === 'full' ? 'blue' : 'orange'} variant="light" title={t(`hindrance.${why}`)} role="status">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{t(`hindranceNote.${why}`)}</Text>
        {why === 'paused' && (
          <Button
            size="xs"
            loading={resume.isPending}
            onClick={() => resume.mutate({ params: { path: { agent_id: agent.id } } })}
          >
            {t('hindrance.resume')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
