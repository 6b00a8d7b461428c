import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { Confirm } from '@/parts/Confirm';
import { notice } from '@/parts/notice';

/** Ends a process in an orderly way; its supervisor starts it again. name: what people call its kind. */
export function Restart({ id, name, host }: { id: string; name: string; host: string }) {
  const { t } = useTranslation('operations');
  const queries = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const restart = async () => {
    await api.POST('/api/fleet/services/{service_id}/restart', { params: { path: { service_id: id } } });
    void notice({ message: t('restart.done', { name }), color: 'teal' });
    await queries.invalidateQueries({ queryKey: ['get', '/api/fleet/services'] });
  };
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open} aria-label={t('restart.label', { name, id })}>
        {t('restart.button')}
      </Button>
      <Confirm
        opened={opened}
        close={close}
        title={t('restart.title', { name })}
        label={t('restart.button')}
        color="orange"
        run={restart}
      >
        {t('restart.note', { host })}
      </Confirm>
    </>
  );
}
