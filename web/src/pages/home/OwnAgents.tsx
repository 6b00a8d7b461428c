import { Group, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { DoingBadge } from '@/parts/Doing';
import { Rating } from '@/parts/format';
import { ButtonLink, TextLink } from '@/parts/links';
import { AgentName, GameName } from '@/parts/names';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';

const SHOWN_MAX = 6;
const EVERY_MS = 3_000;
const PLACE_PX = 180;

/** My agents at this moment. */
export function OwnAgents() {
  const { t } = useTranslation('home');
  const query = $api.useQuery(
    'get',
    '/api/agents/overview',
    { params: { query: { limit: SHOWN_MAX } } },
    { refetchInterval: EVERY_MS },
  );
  return (
    <Section
      title={t('agents.title')}
      actions={
        <TextLink to="/agents" size="sm">
          {t('agents.all')}
        </TextLink>
      }
    >
      <Await query={query} height={PLACE_PX}>
        {({ items }) => (items.length === 0 ? <First /> : <Rows agents={items} />)}
      </Await>
    </Section>
  );
}

function First() {
  const { t } = useTranslation('home');
  return (
    <Empty title={t('agents.none')}>
      <Stack align="center" gap="sm">
        {t('agents.noneNote')}
        <ButtonLink to="/agents/new">{t('agents.first')}</ButtonLink>
      </Stack>
    </Empty>
  );
}

function Rows({ agents }: { agents: Shown<'ListedAgent'>[] }) {
  const { t } = useTranslation('home');
  return (
    <Table verticalSpacing="xs" aria-label={t('agents.title')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('agents.agent')}</Table.Th>
          <Table.Th>{t('agents.now')}</Table.Th>
          <Table.Th>{t('agents.rating')}</Table.Th>
          <Table.Th visibleFrom="sm" ta="right">
            {t('agents.faults')}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {agents.map((agent) => (
          <Table.Tr key={agent.id}>
            <Table.Td maw={200}>
              <AgentName id={agent.id} name={agent.name} version={agent.version} />
            </Table.Td>
            <Table.Td>
              <Group gap={6}>
                <DoingBadge agent={agent} />
                {agent.presence && agent.presence.matches > 0 && (
                  <Text size="xs" c="dimmed">
                    {t('agents.matches', { count: agent.presence.matches })}
                  </Text>
                )}
              </Group>
            </Table.Td>
            <Table.Td>
              {agent.summary.best ? (
                <Group gap={8} wrap="nowrap">
                  <Rating mu={agent.summary.best.mu} sigma={agent.summary.best.sigma} />
                  <Text size="xs" component="span" visibleFrom="sm" truncate>
                    <GameName game={agent.summary.best.game} />
                  </Text>
                </Group>
              ) : (
                <Text size="sm" c="dimmed">
                  {t('agents.unrated')}
                </Text>
              )}
            </Table.Td>
            <Table.Td visibleFrom="sm" ta="right">
              <Text size="sm" c={agent.summary.faults > 0 ? 'red' : 'dimmed'}>
                {agent.summary.faults}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
