import { Button, Group, ScrollArea, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Choice } from '../choices';

const MANY = 24; // then they can be searched
const SHOWN = 200;

/** Actions by their names. */
export function Named({ choices, play }: { choices: readonly Choice[]; play: (action: number) => void }) {
  const { t } = useTranslation('play');
  const [sought, seek] = useState('');
  const words = sought.toLowerCase().split(/\s+/);
  const found = choices.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  return (
    <>
      {choices.length > MANY && (
        <TextInput
          mb="xs"
          size="xs"
          aria-label={t('seek')}
          placeholder={t('seek')}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={sought}
          onChange={(event) => seek(event.currentTarget.value)}
          onKeyDown={(event) => {
            const [only, second] = found;
            if (event.key === 'Enter' && only && !second) play(only.action);
          }}
        />
      )}
      <ScrollArea.Autosize mah={260} type="auto">
        <Group gap={6} role="group" aria-label={t('moves')}>
          {found.slice(0, SHOWN).map((choice) => (
            <Button key={choice.action} size="compact-md" variant="default" onClick={() => play(choice.action)}>
              {choice.name}
            </Button>
          ))}
        </Group>
      </ScrollArea.Autosize>
      {found.length > SHOWN && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('more', { count: found.length - SHOWN })}
        </Text>
      )}
    </>
  );
}
