import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { isProblem } from '@/api/problem';
import { TextLink } from '@/parts/links';
import { useRefusal } from '@/parts/refusal';
import { remember } from '@/session';

const PASSWORD_MIN = 8;

/** The form of both ways in. */
export function Credentials({ way }: { way: 'login' | 'register' }) {
  const { t } = useTranslation('home');
  const queries = useQueryClient();
  const refusal = useRefusal();
  const [problem, setProblem] = useState('');
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', password: '' },
    validate: {
      name: (name) => (name.trim() ? null : t('entrance.nameMissing')),
      password: (password) =>
        way === 'register' && password.length < PASSWORD_MIN
          ? t('entrance.passwordShort', { min: PASSWORD_MIN })
          : null,
    },
  });
  const enter = form.onSubmit(async ({ name, password }) => {
    setProblem('');
    try {
      const body = { name: name.trim(), password, cookies: true };
      const { data } =
        way === 'login' ? await api.POST('/api/auth/login', { body }) : await api.POST('/api/auth/register', { body });
      if (data) remember(queries, data.user);
    } catch (error) {
      const said = isProblem(error, 401) ? t('entrance.wrong') : refusal(error);
      if (isProblem(error, 409)) form.setFieldError('name', said);
      else if (isProblem(error, 400) && /password/i.test(said)) form.setFieldError('password', said);
      else if (isProblem(error, 400)) form.setFieldError('name', said);
      else setProblem(said);
    }
  });
  return (
    <form onSubmit={enter} aria-label={t(`entrance.${way}`)} noValidate>
      <Stack gap="sm">
        <TextInput
          label={t('entrance.name')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={40}
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <PasswordInput
          label={t('entrance.password')}
          description={way === 'register' ? t('entrance.passwordNote', { min: PASSWORD_MIN }) : undefined}
          autoComplete={way === 'login' ? 'current-password' : 'new-password'}
          maxLength={256}
          visibilityToggleButtonProps={{ 'aria-label': t('entrance.show') }}
          aria-invalid={form.errors.password ? true : undefined}
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        {problem && (
          <Alert color="red" variant="light" role="alert">
            {problem}
          </Alert>
        )}
        <Button type="submit" loading={form.submitting} fullWidth mt="xs">
          {t(`entrance.${way}`)}
        </Button>
        <Text size="xs" c="dimmed" ta="center">
          {way === 'register' ? t('entrance.noMail') : <TextLink to="/recover">{t('entrance.forgotten')}</TextLink>}
        </Text>
      </Stack>
    </form>
  );
}
