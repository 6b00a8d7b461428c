import { Alert, Button, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { isProblem } from '@/api/problem';
import { useRefusal } from '@/parts/refusal';

export const NAME_MAX = 40;
export const TEXT_MAX = 2_000;

/** What an agent is called. onMade: its id. */
export function Naming({ onMade }: { onMade: (id: string) => void }) {
  const { t } = useTranslation('mounting');
  const refusal = useRefusal();
  const queries = useQueryClient();
  const create = $api.useMutation('post', '/api/agents');
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', description: '' },
    validate: { name: (name) => (!name.trim() ? t('name.missing') : name.includes('/') ? t('name.slash') : null) },
  });
  const submit = form.onSubmit(({ name, description }) =>
    create.mutate(
      { body: { name: name.trim(), description: description.trim(), open_to: 'everybody', hourly_max: 0 } },
      {
        onSuccess: (agent) => {
          void queries.invalidateQueries({ queryKey: ['get', '/api/agents/overview'] });
          onMade(agent.id);
        },
        onError: (error) => {
          if (isProblem(error, 409)) form.setFieldError('name', t('name.taken', { name: name.trim() }));
        },
      },
    ),
  );
  return (
    <form onSubmit={submit} aria-label={t('name.title')}>
      <Stack gap="sm" maw={520}>
        <TextInput
          label={t('name.name')}
          description={t('name.nameNote')}
          maxLength={NAME_MAX}
          data-autofocus
          autoFocus
          autoComplete="off"
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <Textarea
          label={t('name.description')}
          description={t('name.descriptionNote')}
          maxLength={TEXT_MAX}
          autosize
          minRows={1}
          maxRows={6}
          key={form.key('description')}
          {...form.getInputProps('description')}
        />
        {create.error && !isProblem(create.error, 409) && (
          <Alert color="red" variant="light" role="alert">
            {refusal(create.error)}
          </Alert>
        )}
        <div>
          <Button type="submit" loading={create.isPending}>
            {t('name.create')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
