import { Avatar, Badge, Code, CopyButton, Group, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Section } from '@/parts/Page';
import type { Me } from '@/session';

/** The person, as everybody else sees them. */
export function Who({ me }: { me: Me }) {
  const { t } = useTranslation('account');
  return (
    <Section title={t('who.title')}>
      <Group wrap="nowrap" gap="md">
        <Avatar size="lg" color="slate" name={me.name} aria-hidden />
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Text fw={650} fz="lg" truncate>
              {me.name}
            </Text>
            <Badge variant="light" color={me.role === 'user' ? 'gray' : 'slate'}>
              {t(`role.${me.role}`)}
            </Badge>
          </Group>
          <CopyButton value={me.id}>
            {({ copied, copy }) => (
              <Tooltip label={t(copied ? 'who.copied' : 'who.copy')}>
                <UnstyledButton onClick={copy}>
                  <Code>{me.id}</Code>
                </UnstyledButton>
              </Tooltip>
            )}
          </CopyButton>
        </div>
      </Group>
    </Section>
  );
}
