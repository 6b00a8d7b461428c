import { Alert, Button, Group, List, Paper, Text } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Shown } from '@/api/client';
import { Confirm } from '@/parts/Confirm';
import { notice } from '@/parts/notice';
import { useRefusal } from '@/parts/refusal';
import { OVERVIEW } from './useAgents';

type Action = Shown<'Action'>['action'];
type Chosen = Pick<Shown<'Agent'>, 'id' | 'name'>;
const AT_ONCE_MAX = 100; // agents of one request
const NAMES_SHOWN = 5;

/** What can be done with many agents at once, and what of it was not done. */
export function Many({ agents, clear }: { agents: Chosen[]; clear: () => void }) {
  const { t } = useTranslation('agents');
  const refusal = useRefusal();
  const queries = useQueryClient();
  const [busy, setBusy] = useState<Action | null>(null);
  const [asking, ask] = useState(false);
  const [failed, setFailed] = useState<{ name: string; problem: string }[]>([]);

  const act = async (action: Action) => {
    setBusy(action);
    setFailed([]);
    try {
      const results = await carryOut(action, agents);
      const named = new Map(agents.map(({ id, name }) => [id, name]));
      const problems = results.filter(({ problem }) => problem);
      setFailed(problems.map(({ agent, problem = '' }) => ({ name: named.get(agent) ?? agent, problem })));
      const done = results.filter((one) => one.done).length;
      if (done > 0) void notice({ message: t(`many.done.${action}`, { count: done }), color: 'teal' });
      clear();
    } finally {
      setBusy(null);
      await queries.invalidateQueries({ queryKey: ['get', OVERVIEW] });
    }
  };
  const quietly = (action: Action) =>
    void act(action).catch((error: unknown) => notice({ message: refusal(error), color: 'red' }));

  return (
    <>
      {failed.length > 0 && (
        <Alert
          color="red"
          variant="light"
          role="alert"
          title={t('many.failed', { count: failed.length })}
          withCloseButton
          closeButtonLabel={t('many.close')}
          onClose={() => setFailed([])}
        >
          <List size="sm">
            {failed.map(({ name, problem }) => (
              <List.Item key={name}>
                <b>{name}</b>: {problem}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {agents.length > 0 && (
        <Paper withBorder px="sm" py={6} role="toolbar" aria-label={t('many.title')}>
          <Group gap="xs">
            <Text size="sm" fw={600} mr="auto" aria-live="polite">
              {t('many.chosen', { count: agents.length })}
            </Text>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlayerPause size={16} aria-hidden />}
              loading={busy === 'pause'}
              onClick={() => quietly('pause')}
            >
              {t('many.pause')}
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlayerPlay size={16} aria-hidden />}
              loading={busy === 'resume'}
              onClick={() => quietly('resume')}
            >
              {t('many.resume')}
            </Button>
            <Button
              size="xs"
              color="red"
              variant="light"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => ask(true)}
            >
              {t('many.delete')}
            </Button>
          </Group>
        </Paper>
      )}
      <Confirm
        opened={asking}
        close={() => ask(false)}
        title={t('many.deleteTitle', { count: agents.length })}
        label={t('many.delete')}
        color="red"
        run={() => act('delete')}
      >
        <Text size="sm">
          {agents
            .slice(0, NAMES_SHOWN)
            .map(({ name }) => name)
            .join(', ')}
          {agents.length > NAMES_SHOWN && ` … (+${agents.length - NAMES_SHOWN})`}
        </Text>
        <Text size="sm" mt="xs">
          {t('many.deleteNote')}
        </Text>
      </Confirm>
    </>
  );
}

async function carryOut(action: Action, agents: Chosen[]): Promise<Shown<'Done'>[]> {
  const results: Shown<'Done'>[] = [];
  for (let from = 0; from < agents.length; from += AT_ONCE_MAX) {
    const some = agents.slice(from, from + AT_ONCE_MAX).map(({ id }) => id);
    const { data } = await api.POST('/api/agents/actions', { body: { action, agents: some } });
    results.push(...(data ?? []));
  }
  return results;
}
