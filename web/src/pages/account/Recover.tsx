import { Alert, Button, Container, Paper, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCircleCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { isProblem } from '@/api/problem';
import { ButtonLink, TextLink } from '@/parts/links';
import { Page } from '@/parts/Page';
import { useRefusal } from '@/parts/refusal';
import { useNewPassword } from './newPassword';

/** A forgotten password: an operator's code is exchanged for a new one. */
export function Recover() {
  const { t } = useTranslation('account');
  const recover = useRecovery();
  return (
    <Container size={440} px={0} py={{ base: 0, sm: 'xl' }}>
      <Page title={t('recover.title')} note={t('recover.note')}>
        <Paper withBorder p="lg">
          {recover.isSuccess ? (
            <Stack gap="md">
              <Alert color="teal" variant="light" icon={<IconCircleCheck aria-hidden />} role="status">
                {t('recover.done')}
              </Alert>
              <ButtonLink to="/">{t('recover.enter')}</ButtonLink>
            </Stack>
          ) : (
            <Exchange recover={recover} />
          )}
        </Paper>
        {!recover.isSuccess && (
          <Text size="sm" ta="center">
            <TextLink to="/">{t('recover.back')}</TextLink>
          </Text>
        )}
      </Page>
    </Container>
  );
}

const useRecovery = () => $api.useMutation('post', '/api/auth/recover');

function Exchange({ recover }: { recover: ReturnType<typeof useRecovery> }) {
  const { t } = useTranslation('account');
  const refusal = useRefusal();
  const acceptable = useNewPassword();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { code: '', password: '' },
    validate: { code: (code) => (code.trim() ? null : t('recover.codeMissing')), password: acceptable },
  });
  const submit = form.onSubmit(async ({ code, password }) => {
    try {
      await recover.mutateAsync({ body: { code: code.trim(), password } });
    } catch (error) {
      if (isProblem(error, 401)) form.setFieldError('code', t('recover.codeBad'));
      else if (isProblem(error, 400)) form.setFieldError('password', error.message);
    }
  });
  return (
    <form onSubmit={submit} aria-label={t('recover.title')} noValidate>
      <Stack gap="sm">
        <TextInput
          label={t('recover.code')}
          description={t('recover.codeNote')}
          autoComplete="one-time-code"
          spellCheck={false}
          key={form.key('code')}
          {...form.getInputProps('code')}
        />
        <PasswordInput
          label={t('password.new')}
          description={t('password.rule')}
          autoComplete="new-password"
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        {recover.error && !isProblem(recover.error, 400, 401) && (
          <Alert color="red" variant="light" role="alert">
            {refusal(recover.error)}
          </Alert>
        )}
        <Button type="submit" loading={recover.isPending}>
          {t('recover.set')}
        </Button>
      </Stack>
    </form>
  );
}
