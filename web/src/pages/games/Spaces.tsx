import { Alert, Code, DataList, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { Section } from '@/parts/Page';
import { type Told, told } from './spaces';

/** What a seat is shown and what it answers, as data. */
export function Spaces({ game }: { game: Shown<'ShownGame'> }) {
  const { t } = useTranslation('games');
  const [seat, setSeat] = useState('0');
  const { info } = game;
  if (!info) {
    return (
      <Section title={t('spaces.title')}>
        <Alert color="yellow" variant="light">
          {game.problem}
        </Alert>
      </Section>
    );
  }
  const spaces = info.spaces ?? [];
  const shown = spaces[Number(seat)] ?? spaces[0];
  return (
    <Section
      title={t('spaces.title')}
      actions={
        spaces.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label={t('spaces.ofSeat')}
            value={seat}
            onChange={setSeat}
            data={spaces.map((_, at) => ({ value: String(at), label: String(at) }))}
          />
        )
      }
    >
      <DataList withDivider orientation="vertical">
        {shown && (
          <>
            <Item label={t('spaces.observation')}>
              <Space told={told(shown.observation)} />
            </Item>
            <Item label={t('spaces.action')}>
              <Space told={told(shown.action)} />
              {(info.first_action ?? 0) > 0 && <Text size="sm">{t('spaces.first', { first: info.first_action })}</Text>}
            </Item>
          </>
        )}
        <Item label={t('spaces.mask')}>
          <Text size="sm">
            {t(info.observation_space.includes("'action_mask'") ? 'spaces.masked' : 'spaces.unmasked')}
          </Text>
        </Item>
      </DataList>
    </Section>
  );
}

function Item({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue>{children}</DataList.ItemValue>
    </DataList.Item>
  );
}

function Space({ told: space }: { told: Told }) {
  const { t } = useTranslation('games');
  switch (space.kind) {
    case 'line':
      return <Text size="sm">{t(`spaces.${space.text.key}`, { replace: space.text.values })}</Text>;
    case 'code':
      return <Code block>{space.code}</Code>;
    case 'parts':
      return (
        <Stack gap={4}>
          <Text size="sm">{t(space.named ? 'spaces.map' : 'spaces.list')}</Text>
          {space.parts.map(([name, part]) => (
            <Group key={name} gap="xs" align="baseline" wrap="nowrap" pl="sm">
              <Code>{name}</Code>
              <Space told={part} />
            </Group>
          ))}
        </Stack>
      );
  }
}
