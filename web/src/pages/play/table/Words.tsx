import { Button, Paper, Stack, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconSend } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** A message; or, where the game wants neither text nor numbers, its action as JSON. most: characters; null: JSON. */
export function Words({ most, play }: { most: number | null; play: (action: unknown) => void }) {
  const { t } = useTranslation('play');
  const form = useForm({
    initialValues: { said: '' },
    validate: { said: (said) => (most === null && parsed(said) === undefined ? t('json') : null) },
  });
  const send = form.onSubmit(({ said }) => play(most === null ? parsed(said) : said));
  return (
    <Paper withBorder p="sm">
      <form onSubmit={send}>
        <Stack gap="xs">
          <Textarea
            label={t(most === null ? 'asJson' : 'message')}
            description={most === null ? undefined : t('messageNote')}
            autosize
            minRows={3}
            maxRows={10}
            maxLength={most ?? undefined}
            data-autofocus
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
            }}
            {...form.getInputProps('said')}
          />
          <Button type="submit" leftSection={<IconSend size={16} aria-hidden />} style={{ alignSelf: 'flex-start' }}>
            {t('send')}
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
