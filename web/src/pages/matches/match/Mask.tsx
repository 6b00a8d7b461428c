import { Badge, Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { number } from '@/parts/format';

const SHOWN = 60;

interface Props {
  /** null: every action of the space is. */
  legal: readonly number[] | null;
  /** The one that was taken. */
  action: unknown;
  /** What actions are called, where the game has names for them. */
  names: ReadonlyMap<number, string>;
}

/** Which actions were legal, and which of them was taken. */
export function Mask({ legal, action, names }: Props) {
  const { t } = useTranslation('match');
  const [all, showAll] = useState(false);
  if (legal === null)
    return (
      <Text size="sm" c="dimmed">
        {t('mask.every')}
      </Text>
    );
  const shown = all ? legal : legal.slice(0, SHOWN);
  return (
    <Group gap={6}>
      <Text size="sm" c="dimmed">
        {t('mask.count', { count: legal.length, shown: number(legal.length) })}
      </Text>
      {shown.map((one) => (
        <Badge
          key={one}
          ff="monospace"
          tt="none"
          title={String(one)}
          variant={one === action ? 'filled' : 'default'}
          aria-label={one === action ? t('mask.taken', { action: names.get(one) ?? one }) : undefined}
        >
          {names.get(one) ?? one}
        </Badge>
      ))}
      {legal.length > shown.length && (
        <Button size="compact-xs" variant="subtle" onClick={() => showAll(true)}>
          {t('mask.all')}
        </Button>
      )}
    </Group>
  );
}
