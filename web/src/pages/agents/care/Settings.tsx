import {
  Alert,
  Button,
  Group,
  JsonInput,
  NumberInput,
  Stack,
  Switch,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api } from '@/api/client';
import { isProblem } from '@/api/problem';
import { Confirm } from '@/parts/Confirm';
import { notice } from '@/parts/notice';
import { Section } from '@/parts/Page';
import { useRefusal } from '@/parts/refusal';
import type { View } from '../Agent';
import { NAME_MAX, TEXT_MAX } from '../mounting/Naming';
import { objectOf } from './metadata';

const CAPABILITIES_MAX = 32;
const HOURLY_MAX = 1_000_000;
const OF = '/api/agents/{agent_id}';

type Own = { own: NonNullable<View['own']> };

/** What can be changed of it, and its end. */
export default function Settings({ own }: View & Own) {
  return (
    <Stack gap="md" maw={760}>
      <Changing own={own} />
      <Ending own={own} />
    </Stack>
  );
}

function Changing({ own }: Own) {
  const { t } = useTranslation('agent');
  const refusal = useRefusal();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: {
      name: own.name,
      description: own.description,
      capabilities: own.capabilities ?? [],
      metadata: JSON.stringify(own.metadata, null, 2),
      open: own.open_to === 'everybody',
      hourly: own.hourly_max ?? 0,
    },
    validate: {
      name: (name) => (!name.trim() ? t('settings.nameMissing') : name.includes('/') ? t('settings.nameSlash') : null),
      metadata: (text) => (objectOf(text) ? null : t('settings.metadataWrong')),
    },
  });
  const change = $api.useMutation('patch', OF, {
    onSuccess: async () => {
      void notice({ message: t('settings.saved'), color: 'teal' });
      form.resetDirty();
      for (const path of [OF, `${OF}/profile`]) await queries.invalidateQueries({ queryKey: ['get', path] });
    },
    onError: (error) => {
      if (isProblem(error, 409)) form.setFieldError('name', error.message);
    },
  });
  const submit = form.onSubmit(({ name, description, capabilities, metadata, open, hourly }) =>
    change.mutate({
      params: { path: { agent_id: own.id } },
      body: {
        name: name.trim(),
        description: description.trim(),
        capabilities,
        metadata: objectOf(metadata) ?? {},
        open_to: open ? 'everybody' : 'nobody',
        hourly_max: Number(hourly),
      },
    }),
  );
  return (
    <Section title={t('settings.title')}>
      <form onSubmit={submit} aria-label={t('settings.title')}>
        <Stack gap="sm">
          <TextInput label={t('settings.name')} maxLength={NAME_MAX} {...form.getInputProps('name')} />
          <Textarea
            label={t('settings.description')}
            maxLength={TEXT_MAX}
            autosize
            minRows={2}
            maxRows={10}
            {...form.getInputProps('description')}
          />
          <TagsInput
            label={t('settings.capabilities')}
            description={t('settings.capabilitiesNote')}
            maxTags={CAPABILITIES_MAX}
            {...form.getInputProps('capabilities')}
          />
          <JsonInput
            label={t('settings.metadata')}
            description={t('settings.metadataNote')}
            autosize
            minRows={3}
            maxRows={16}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
            {...form.getInputProps('metadata')}
          />
          <Switch
            label={t('settings.open')}
            description={t('settings.openNote')}
            {...form.getInputProps('open', { type: 'checkbox' })}
          />
          <NumberInput
            label={t('settings.hourly')}
            description={t('settings.hourlyNote')}
            min={0}
            max={HOURLY_MAX}
            allowDecimal={false}
            clampBehavior="strict"
            {...form.getInputProps('hourly')}
          />
          {change.error && !isProblem(change.error, 409) && (
            <Alert color="red" variant="light" role="alert">
              {refusal(change.error)}
            </Alert>
          )}
          <Group>
            <Button type="submit" loading={change.isPending} disabled={!form.isDirty()}>
              {t('settings.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Ending({ own }: Own) {
  const { t } = useTranslation('agent');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [asking, ask] = useState(false);
  const remove = async () => {
    await api.DELETE(OF, { params: { path: { agent_id: own.id } } });
    void notice({ message: t('settings.deleted', { name: own.name }), color: 'teal' });
    await navigate({ to: '/agents' });
    queries.removeQueries({ queryKey: ['get', OF] });
  };
  return (
    <Section title={t('settings.end')}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{t('settings.endNote')}</Text>
        <Button color="red" variant="light" onClick={() => ask(true)}>
          {t('settings.delete')}
        </Button>
      </Stack>
      <Confirm
        opened={asking}
        close={() => ask(false)}
        title={t('settings.deleteTitle', { name: own.name })}
        label={t('settings.delete')}
        color="red"
        run={remove}
      >
        <Text size="sm">{t('settings.endNote')}</Text>
      </Confirm>
    </Section>
  );
}
