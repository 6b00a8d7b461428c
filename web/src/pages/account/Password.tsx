import { Alert, Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { isProblem } from '@/api/problem';
import { notice } from '@/parts/notice';
import { Section } from '@/parts/Page';
import { useRefusal } from '@/parts/refusal';
import { useNewPassword } from './newPassword';

/** Another password. All other sessions end by it. */
export function Password() {
  const { t } = useTranslation('account');
  const refusal = useRefusal();
  const acceptable = useNewPassword();
  const queries = useQueryClient();
  const change = $api.useMutation('post', '/api/auth/password');
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { old: '', new: '' },
    validate: { old: (old) => (old ? null : t('password.oldMissing')), new: acceptable },
  });
  const submit = form.onSubmit(async (body) => {
    try {
      await change.mutateAsync({ body });
    } catch (error) {
      if (isProblem(error, 403)) form.setFieldError('old', t('password.wrong'));
      else if (isProblem(error, 400)) form.setFieldError('new', error.message);
      return;
    }
    form.reset();
    void queries.invalidateQueries({ queryKey: ['get', '/api/auth/sessions'] });
    void notice({ message: t('password.changed'), color: 'teal' });
  });
  return (
    <Section title={t('password.title')}>
      <form onSubmit={submit} aria-label={t('password.title')} noValidate>
        <Stack gap="sm">
          <PasswordInput
            label={t('password.old')}
            autoComplete="current-password"
            key={form.key('old')}
            {...form.getInputProps('old')}
          />
          <PasswordInput
            label={t('password.new')}
            description={t('password.rule')}
            autoComplete="new-password"
            key={form.key('new')}
            {...form.getInputProps('new')}
          />
          {change.error && !isProblem(change.error, 400, 403) && (
            <Alert color="red" variant="light" role="alert">
              {refusal(change.error)}
            </Alert>
          )}
          <Group>
            <Button type="submit" loading={change.isPending}>
              {t('password.change')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
