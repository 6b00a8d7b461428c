import { Badge, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { short } from '@/parts/format';
import { CardLink } from '@/parts/links';
import type { Entry } from './catalogue';
import classes from './games.module.css';
import { Preview } from './Preview';
import { useTags } from './tags';

const TAGS_SHOWN = 2;

/** One game of the catalogue. */
export function GameCard({ entry }: { entry: Entry }) {
  const { t } = useTranslation('games');
  const tagged = useTags();
  const { game, activity, tags } = entry;
  const [shown] = useState({ match: activity?.latest ?? null, plies: activity?.latest_plies ?? 0 });
  return (
    <CardLink
      to="/games/$game"
      params={{ game: game.name }}
      withBorder
      padding={0}
      className={classes.card}
      c="inherit"
    >
      <Preview title={game.title} tags={tags} match={shown.match} plies={shown.plies} />
      <Stack gap={6} p="sm">
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Text fw={600} truncate>
            {game.title}
          </Text>
          {activity !== undefined && activity.running > 0 && (
            <Badge color="ember" variant="filled" size="sm" style={{ flexShrink: 0 }}>
              {t('card.running', { count: activity.running, shown: short(activity.running) })}
            </Badge>
          )}
        </Group>
        <Group gap={6} wrap="nowrap" style={{ overflow: 'hidden' }} h={22}>
          <Badge variant="default" size="sm" radius="sm" tt="none" fw={500} style={{ flexShrink: 0 }}>
            {t('seats', { count: game.seats })}
          </Badge>
          {tags.slice(0, TAGS_SHOWN).map((tag) => (
            <Badge key={tag} variant="default" size="sm" radius="sm" tt="none" fw={500}>
              {tagged(tag)}
            </Badge>
          ))}
        </Group>
        <Text size="xs" c="dimmed">
          {entry.family}
          {' · '}
          {activity?.agents
            ? t('card.agents', { count: activity.agents, shown: short(activity.agents) })
            : t('card.nobody')}
        </Text>
      </Stack>
    </CardLink>
  );
}
