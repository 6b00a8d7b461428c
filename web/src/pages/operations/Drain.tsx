import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, type Shown } from '@/api/client';
import { Confirm } from '@/parts/Confirm';
import { notice } from '@/parts/notice';

/** Takes a runner out of service. What is drained already has no such button. */
export function Drain({ runner }: { runner: Shown<'RunnerShown'> }) {
  const { t } = useTranslation('operations');
  const queries = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const drain = async () => {
    await api.POST('/api/fleet/runners/{runner_id}/drain', { params: { path: { runner_id: runner.id } } });
    void notice({ message: t('drain.done', { runner: runner.id }), color: 'teal' });
    await queries.invalidateQueries({ queryKey: ['get', '/api/fleet/runners'] });
  };
  if (runner.state !== 'playing' && runner.state !== 'silent') return null;
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open} aria-label={t('drain.label', { runner: runner.id })}>
        {t('drain.button')}
      </Button>
      <Confirm
        opened={opened}
        close={close}
        title={t('drain.title')}
        label={t('drain.button')}
        color="orange"
        run={drain}
      >
        {t('drain.note', { count: runner.playing, host: runner.host })}
      </Confirm>
    </>
  );
}
