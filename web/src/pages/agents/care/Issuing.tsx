import { Alert, Button, Group, Modal, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { notice } from '@/parts/notice';
import { useRefusal } from '@/parts/refusal';
import { DAYS_MAX, LABEL_MAX, useIssue } from '../mounting/credential';
import { credsName } from '../mounting/creds';

interface Props {
  agent: Pick<Shown<'Agent'>, 'id' | 'name'>;
  opened: boolean;
  close: () => void;
}

/** One more credential: what it is called, and how long it is good. */
export function Issuing({ agent, opened, close }: Props) {
  const { t } = useTranslation('agent');
  const refusal = useRefusal();
  const issue = useIssue();
  const form = useForm({ mode: 'uncontrolled', initialValues: { label: '', days: DAYS_MAX } });
  const submit = form.onSubmit(({ label, days }) =>
    issue.mutate(
      { agent, label: label.trim(), days: Number(days) || DAYS_MAX },
      {
        onSuccess: (file) => {
          void notice({ message: t('credential.downloaded', { file }), color: 'teal' });
          form.reset();
          close();
        },
      },
    ),
  );
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('credential.issue')}
      centered
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm">{t('credential.issueNote')}</Text>
          <TextInput
            label={t('credential.label')}
            description={t('credential.labelNote')}
            maxLength={LABEL_MAX}
            data-autofocus
            key={form.key('label')}
            {...form.getInputProps('label')}
          />
          <NumberInput
            label={t('credential.days')}
            min={1}
            max={DAYS_MAX}
            allowDecimal={false}
            clampBehavior="strict"
            key={form.key('days')}
            {...form.getInputProps('days')}
          />
          {issue.error && (
            <Alert color="red" variant="light" role="alert">
              {refusal(issue.error)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button type="submit" loading={issue.isPending} leftSection={<IconDownload size={18} aria-hidden />}>
              {t('credential.download', { file: credsName(agent.name) })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
