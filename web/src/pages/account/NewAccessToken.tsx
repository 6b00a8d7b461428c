import { Alert, Button, Checkbox, Code, Group, Modal, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { isProblem } from '@/api/problem';
import { Once } from '@/parts/Once';
import { useRefusal } from '@/parts/refusal';
import { isOperator, type Me } from '@/session';

const SCOPES = ['read', 'agents', 'matches'] as const;
const OPERATORS_SCOPES = ['metrics', 'admin'] as const;
const DAYS_DEFAULT = 90;
const DAYS_MAX = 365;
type Scope = Shown<'NewToken'>['scopes'][number];

/** Make an access token: what it is for, what it may do, for how long; then it is shown once. */
export function NewAccessToken({ me, opened, close }: { me: Me; opened: boolean; close: () => void }) {
  const { t } = useTranslation('account');
  const [made, setMade] = useState<Shown<'IssuedToken'> | null>(null);
  const leave = () => {
    close();
    setMade(null);
  };
  return (
    <Modal
      opened={opened}
      onClose={leave}
      title={t('tokens.make')}
      size="lg"
      centered
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {made ? (
        <Stack gap="md">
          <Once secret={made.token} label={t('tokens.secret')}>
            <Text size="sm">{t('tokens.secretNote')}</Text>
          </Once>
          <div>
            <Text size="sm" mb={4}>
              {t('tokens.try')}
            </Text>
            <Code block style={{ whiteSpace: 'pre-wrap', wordBreak: 'break-all' }}>
              {`curl -H "Authorization: Bearer $ARENA_TOKEN" ${window.location.origin}/api/auth/me`}
            </Code>
          </div>
          <Group justify="flex-end">
            <Button onClick={leave}>{t('tokens.done')}</Button>
          </Group>
        </Stack>
      ) : (
        <Making me={me} made={setMade} leave={leave} />
      )}
    </Modal>
  );
}

function Making({ me, made, leave }: { me: Me; made: (token: Shown<'IssuedToken'>) => void; leave: () => void }) {
  const { t } = useTranslation('account');
  const refusal = useRefusal();
  const queries = useQueryClient();
  const create = $api.useMutation('post', '/api/auth/tokens');
  const form = useForm({
    initialValues: { name: '', scopes: ['read'] as Scope[], days: DAYS_DEFAULT },
    validate: {
      name: (name) => (name.trim() ? null : t('tokens.nameMissing')),
      scopes: (scopes) => (scopes.length ? null : t('tokens.scopesMissing')),
      days: (days) => (days >= 1 && days <= DAYS_MAX ? null : t('tokens.daysRule', { most: DAYS_MAX })),
    },
  });
  const submit = form.onSubmit(async (body) => {
    try {
      made(await create.mutateAsync({ body }));
      void queries.invalidateQueries({ queryKey: ['get', '/api/auth/tokens'] });
    } catch (error) {
      if (isProblem(error, 400)) form.setFieldError('name', error.message);
    }
  });
  const offered: readonly Scope[] = isOperator(me) ? [...SCOPES, ...OPERATORS_SCOPES] : SCOPES;
  return (
    <form onSubmit={submit} aria-label={t('tokens.make')} noValidate>
      <Stack gap="md">
        <TextInput
          label={t('tokens.name')}
          description={t('tokens.nameNote')}
          placeholder="ci"
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Checkbox.Group label={t('tokens.scopes')} {...form.getInputProps('scopes')}>
          <Stack gap="xs" mt={6}>
            {offered.map((scope) => (
              <Checkbox key={scope} value={scope} label={scope} description={t(`tokens.scope.${scope}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        <NumberInput
          label={t('tokens.days')}
          description={t('tokens.daysRule', { most: DAYS_MAX })}
          min={1}
          max={DAYS_MAX}
          allowDecimal={false}
          maw={240}
          {...form.getInputProps('days')}
        />
        {create.error && !isProblem(create.error, 400) && (
          <Alert color="red" variant="light" role="alert">
            {refusal(create.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={leave}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('tokens.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
