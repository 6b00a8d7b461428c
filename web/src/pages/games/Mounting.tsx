import { ActionIcon, Code, CopyButton, Group, Stack, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { ButtonLink } from '@/parts/links';
import { Section } from '@/parts/Page';

/** How an agent comes to play this game: a line to copy, or the guided way. */
export function Mounting({ game }: { game: Shown<'ShownGame'> }) {
  const { t } = useTranslation('games');
  const commands = [
    { key: 'try' as const, command: `agent-kit check my_agent.py:policy --games ${game.name}` },
    { key: 'run' as const, command: `agent-kit run my_agent.py:policy --games ${game.name} --creds my-agent.creds` },
  ];
  return (
    <Section title={t('mount.title')}>
      <Stack gap="sm" align="stretch">
        {commands.map(({ key, command }) => (
          <div key={key}>
            <Text size="sm" mb={4}>
              {t(`mount.${key}`)}
            </Text>
            <Group gap="xs" wrap="nowrap" align="center">
              <Code block style={{ flex: 1, minWidth: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                {command}
              </Code>
              <Copy text={command} label={t(`mount.${key}`)} />
            </Group>
          </div>
        ))}
        <Group>
          <ButtonLink to="/agents/new" search={{ game: game.name }} variant="light">
            {t('mount.wizard')}
          </ButtonLink>
        </Group>
      </Stack>
    </Section>
  );
}

function Copy({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation('games');
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={t(copied ? 'mount.copied' : 'mount.copy')}>
          <ActionIcon
            variant="subtle"
            color={copied ? 'teal' : 'gray'}
            size="lg"
            onClick={copy}
            aria-label={`${t(copied ? 'mount.copied' : 'mount.copy')}: ${label}`}
          >
            {copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
