import { ActionIcon, Code, CopyButton, Group, Stack, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { download } from './creds';

interface Props {
  title: string;
  text: string;
  note?: string;
  /** It may be downloaded under this name, too. */
  file?: string;
  /** What is called so by screen readers; the title, unless said. */
  label?: string;
  /** The one thing to be done here. */
  main?: boolean;
}

/** Something to be typed or saved elsewhere. */
export function Copied({ title, text, note, file, label, main }: Props) {
  const { t } = useTranslation('mounting');
  return (
    <Stack gap={4}>
      <Group gap={4} justify="space-between" wrap="nowrap">
        <Text size="sm" fw={main ? 600 : 500}>
          {title}
        </Text>
        <Group gap={2} wrap="nowrap">
          {file && (
            <Tooltip label={t('copy.download')}>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`${t('copy.download')}: ${file}`}
                onClick={() => download(file, text)}
              >
                <IconDownload size={18} aria-hidden />
              </ActionIcon>
            </Tooltip>
          )}
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Tooltip label={t(copied ? 'copy.copied' : 'copy.copy')}>
                <ActionIcon
                  variant={main ? 'filled' : 'subtle'}
                  color={copied ? 'teal.8' : main ? undefined : 'gray'}
                  aria-label={`${t(copied ? 'copy.copied' : 'copy.copy')}: ${label ?? title}`}
                  onClick={copy}
                >
                  {copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
        </Group>
      </Group>
      <Code
        block
        tabIndex={0}
        role="region"
        aria-label={label ?? title}
        style={{ maxHeight: 420, overflow: 'auto', fontSize: 13 }}
      >
        {text}
      </Code>
      {note && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </Stack>
  );
}
