import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { Ago, moment } from '@/parts/format';
import { TextLink } from '@/parts/links';
import { useRefusal } from '@/parts/refusal';
import { isValid, useIssue } from './credential';
import { credsName } from './creds';

/** The file by which an agent is known: made here, kept by its owner alone. */
export function Downloading({
  agent,
  credentials,
}: {
  agent: Shown<'ShownAgent'>;
  credentials: Shown<'Credential'>[];
}) {
  const { t } = useTranslation('mounting');
  const refusal = useRefusal();
  const issue = useIssue();
  const newest = credentials.find((one) => isValid(one, Date.now()));
  const file = credsName(agent.name);
  return (
    <Stack gap="sm" align="flex-start">
      <Text size="sm" c={newest ? 'dimmed' : undefined}>
        {t(newest ? 'credential.kept' : 'credential.note', { file })}
      </Text>
      <Group gap="sm">
        <Button
          variant={newest ? 'default' : 'filled'}
          leftSection={<IconDownload size={18} aria-hidden />}
          loading={issue.isPending}
          onClick={() => issue.mutate({ agent, label: t('credential.label') })}
        >
          {newest ? t('credential.again') : t('credential.download', { file })}
        </Button>
        {newest && (
          <Text size="sm" c="dimmed">
            {t('credential.issued')} <Ago at={newest.issued_ms} />
            {' · '}
            {t('credential.until', { date: moment(newest.expires_ms) })}
            {' · '}
            <TextLink
              to="/agents/$agent"
              params={{ agent: agent.id }}
              search={{ tab: 'credentials' }}
              underline="always"
            >
              {t('credential.all')}
            </TextLink>
          </Text>
        )}
      </Group>
      {issue.error && (
        <Alert color="red" variant="light" role="alert">
          {refusal(issue.error)}
        </Alert>
      )}
    </Stack>
  );
}
