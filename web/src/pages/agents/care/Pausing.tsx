import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { notice } from '@/parts/notice';
import { useRefusal } from '@/parts/refusal';

/** No new matches from now on, or again. */
export function Pausing({ agent }: { agent: Pick<Shown<'Agent'>, 'id' | 'paused'> }) {
  const { t } = useTranslation('agent');
  const refusal = useRefusal();
  const queries = useQueryClient();
  const options = {
    onSuccess: () => queries.invalidateQueries({ queryKey: ['get', '/api/agents/{agent_id}'] }),
    onError: (error: unknown) => void notice({ message: refusal(error), color: 'red' }),
  };
  const pause = $api.useMutation('post', '/api/agents/{agent_id}/pause', options);
  const resume = $api.useMutation('post', '/api/agents/{agent_id}/resume', options);
  const act = agent.paused ? resume : pause;
  return (
    <Button
      variant={agent.paused ? 'filled' : 'default'}
      leftSection={agent.paused ? <IconPlayerPlay size={18} aria-hidden /> : <IconPlayerPause size={18} aria-hidden />}
      loading={act.isPending}
      onClick={() => act.mutate({ params: { path: { agent_id: agent.id } } })}
    >
      {t(agent.paused ? 'resume' : 'pause')}
    </Button>
  );
}
