import { Alert, Button, Group, List, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { isProblem } from '@/api/problem';
import { Section } from '@/parts/Page';
import { useRefusal } from '@/parts/refusal';
import type { Me } from '@/session';

/** The end of an account. */
export function Deletion({ me }: { me: Me }) {
  const { t } = useTranslation('account');
  const [opened, { open, close }] = useDisclosure();
  return (
    <Section title={t('deletion.title')}>
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          {t('deletion.note')}
        </Text>
        <Button color="red" variant="light" onClick={open}>
          {t('deletion.delete')}
        </Button>
      </Group>
      <Modal
        opened={opened}
        onClose={close}
        title={t('deletion.ask', { name: me.name })}
        centered
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <Deleting close={close} />
      </Modal>
    </Section>
  );
}

function Deleting({ close }: { close: () => void }) {
  const { t } = useTranslation('account');
  const refusal = useRefusal();
  const queries = useQueryClient();
  const remove = $api.useMutation('post', '/api/auth/delete-account');
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (password) => (password ? null : t('password.oldMissing')) },
  });
  const submit = form.onSubmit(async (body) => {
    try {
      await remove.mutateAsync({ body });
    } catch (error) {
      if (isProblem(error, 403)) form.setFieldError('password', t('password.wrong'));
      return;
    }
    queries.clear();
    window.location.assign('/');
  });
  return (
    <form onSubmit={submit} aria-label={t('deletion.title')} noValidate>
      <Stack gap="sm">
        <Text size="sm" fw={600}>
          {t('deletion.goes')}
        </Text>
        <List size="sm">
          {(['name', 'agents', 'access'] as const).map((what) => (
            <List.Item key={what}>{t(`deletion.gone.${what}`)}</List.Item>
          ))}
        </List>
        <Text size="sm" fw={600}>
          {t('deletion.stays')}
        </Text>
        <List size="sm">
          {(['matches', 'audit'] as const).map((what) => (
            <List.Item key={what}>{t(`deletion.kept.${what}`)}</List.Item>
          ))}
        </List>
        <PasswordInput
          label={t('password.yours')}
          autoComplete="current-password"
          data-autofocus
          {...form.getInputProps('password')}
        />
        {remove.error && !isProblem(remove.error, 403) && (
          <Alert color="red" variant="light" role="alert">
            {isProblem(remove.error, 409) ? t('deletion.last') : refusal(remove.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
          <Button type="submit" color="red" loading={remove.isPending}>
            {t('deletion.forEver')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
