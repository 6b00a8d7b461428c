import { Alert, Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { notice } from '@/parts/notice';
import { useRefusal } from '@/parts/refusal';
import { TEXT_MAX } from '../mounting/Naming';

interface Props {
  agent: Pick<Shown<'Agent'>, 'id' | 'version'>;
  opened: boolean;
  close: () => void;
}

/** Begin the next version: what is new in it. */
export function NewVersion({ agent, opened, close }: Props) {
  const { t } = useTranslation('agent');
  const refusal = useRefusal();
  const queries = useQueryClient();
  const form = useForm({ mode: 'uncontrolled', initialValues: { description: '' } });
  const begin = $api.useMutation('post', '/api/agents/{agent_id}/versions', {
    onSuccess: async ({ version }) => {
      void notice({ message: t('versions.begun', { version }), color: 'teal' });
      form.reset();
      close();
      const of = '/api/agents/{agent_id}';
      for (const path of [of, `${of}/profile`, `${of}/versions`, `${of}/versions/compare`])
        await queries.invalidateQueries({ queryKey: ['get', path] });
    },
  });
  const submit = form.onSubmit((body) => begin.mutate({ params: { path: { agent_id: agent.id } }, body }));
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('versions.begin', { version: agent.version + 1 })}
      centered
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm">{t('versions.beginNote')}</Text>
          <Textarea
            label={t('versions.what')}
            maxLength={TEXT_MAX}
            autosize
            minRows={2}
            data-autofocus
            key={form.key('description')}
            {...form.getInputProps('description')}
          />
          {begin.error && (
            <Alert color="red" variant="light" role="alert">
              {refusal(begin.error)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button type="submit" loading={begin.isPending}>
              {t('versions.new')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
