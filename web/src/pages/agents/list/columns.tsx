import { Badge, Group, Text } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import type { TFunction } from 'i18next';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { DoingBadge } from '@/parts/Doing';
import { Ago, number, Rating } from '@/parts/format';
import type { Columns } from '@/parts/Listing';
import { TextLink } from '@/parts/links';
import { AgentName, GameName } from '@/parts/names';
import { Quarantine } from '../Quarantine';
import type { Row } from './pages';
import type { Watch } from './useAgents';

export type Listed = Row<Shown<'ListedAgent'>>;
const helper = createColumnHelper<Listed>();
const CAPABILITIES_SHOWN = 3;

/** What the list says of each agent. */
export const columnsOf = (t: TFunction<'agents'>, watch: Watch): Columns<Listed> =>
  [
    helper.display({
      id: 'name',
      header: () => t('column.agent'),
      cell: ({ row: { original } }) => <Named agent={original} watch={watch} />,
    }),
    helper.display({
      id: 'now',
      header: () => t('column.now'),
      cell: ({ row: { original } }) => <Now agent={original} />,
    }),
    helper.display({
      id: 'rating',
      header: () => t('column.rating'),
      cell: ({ row: { original } }) => <Best agent={original} />,
    }),
    helper.display({
      id: 'faults',
      header: () => t('column.faults'),
      meta: { wide: true },
      cell: ({ row: { original } }) => <Faults agent={original} />,
    }),
    helper.display({
      id: 'capabilities',
      header: () => t('column.capabilities'),
      meta: { wide: true },
      cell: ({ row: { original } }) => <Capabilities words={original.capabilities ?? []} />,
    }),
    helper.display({
      id: 'made',
      header: () => t('column.made'),
      meta: { wide: true },
      cell: ({ row: { original } }) => (
        <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          <Ago at={original.created_ms} />
        </Text>
      ),
    }),
  ] as Columns<Listed>;

function Named({ agent, watch }: { agent: Listed; watch: Watch }) {
  useEffect(() => watch(agent.page), [agent.page, watch]);
  return (
    <div style={{ minWidth: 110, maxWidth: 280 }}>
      <AgentName id={agent.id} name={agent.name} version={agent.version} />
      {agent.description && (
        <Text size="xs" c="dimmed" truncate visibleFrom="sm">
          {agent.description}
        </Text>
      )}
    </div>
  );
}

function Now({ agent }: { agent: Listed }) {
  const { t } = useTranslation('agents');
  return (
    <Group gap={6}>
      <DoingBadge agent={agent} />
      <Quarantine agent={agent} />
      {agent.presence && agent.presence.matches > 0 && (
        <Text size="xs" c="dimmed" visibleFrom="sm">
          {t('matches', { count: agent.presence.matches })}
        </Text>
      )}
    </Group>
  );
}

function Best({ agent: { summary } }: { agent: Listed }) {
  const { t } = useTranslation('agents');
  if (!summary.best)
    return (
      <Text size="sm" c="dimmed">
        {t('unrated')}
      </Text>
    );
  return (
    <Group gap="0 8px" maw={240}>
      <Rating mu={summary.best.mu} sigma={summary.best.sigma} />
      <Text size="xs" component="span" visibleFrom="sm">
        <GameName game={summary.best.game} />
        {summary.games > 1 && ` +${number(summary.games - 1)}`}
      </Text>
    </Group>
  );
}

function Faults({ agent: { id, summary } }: { agent: Listed }) {
  const { t } = useTranslation('agents');
  if (summary.faults === 0)
    return (
      <Text size="sm" c="dimmed">
        0
      </Text>
    );
  return (
    <TextLink
      to="/agents/$agent"
      params={{ agent: id }}
      search={{ tab: 'faults' }}
      c="red"
      size="sm"
      aria-label={t('faults', { count: summary.faults })}
    >
      {number(summary.faults)}
    </TextLink>
  );
}

function Capabilities({ words }: { words: string[] }) {
  const { t } = useTranslation('agents');
  return (
    <Group gap={4} maw={260}>
      {words.slice(0, CAPABILITIES_SHOWN).map((word) => (
        <TextLink
          key={word}
          to="/agents"
          search={{ capability: word }}
          underline="never"
          aria-label={t('filter.by', { word })}
        >
          <Badge variant="default" tt="none" fw={500} maw={160} style={{ cursor: 'pointer' }}>
            {word}
          </Badge>
        </TextLink>
      ))}
      {words.length > CAPABILITIES_SHOWN && (
        <Text size="xs" c="dimmed">
          +{words.length - CAPABILITIES_SHOWN}
        </Text>
      )}
    </Group>
  );
}
