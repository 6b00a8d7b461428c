import { Badge, Group, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { Ago, duration, moment } from '@/parts/format';
import { TextLink } from '@/parts/links';
import { GameName } from '@/parts/names';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { Why } from '../Why';
import { useNow } from './useNow';

const SHOWN_MAX = 12; // rows of each table
const COLOUR = { here: 'teal', left: 'gray', absent: 'red' } as const;

/** Its instances, the matches it sits in, what it waits for and why; live. */
export function Now({ agent }: { agent: string }) {
  const { t } = useTranslation('agent');
  const query = useNow(agent);
  return (
    <Section title={t('now.title')}>
      <div id="now">
        <Await query={query} height={160}>
          {(state) =>
            state.instances.length === 0 && state.matches.length === 0 ? (
              <Empty title={t('now.away')}>
                <TextLink to="/agents/$agent" params={{ agent }} search={{ tab: 'mount' }}>
                  {t('now.mount')}
                </TextLink>
              </Empty>
            ) : (
              <Stack gap="lg">
                <Instances instances={state.instances} />
                <Playing matches={state.matches} total={state.matches_total} />
                <Waits waits={state.waits} />
              </Stack>
            )
          }
        </Await>
      </div>
    </Section>
  );
}

function Instances({ instances }: { instances: Shown<'InstanceState'>[] }) {
  const { t } = useTranslation('agent');
  return (
    <Table verticalSpacing={6} aria-label={t('now.instances')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('now.instance')}</Table.Th>
          <Table.Th>{t('now.slots')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('now.heard')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {instances.slice(0, SHOWN_MAX).map((one) => (
          <Table.Tr key={one.instance}>
            <Table.Td>
              <Group gap={6}>
                <Text size="sm" ff="monospace">
                  {one.instance}
                </Text>
                <Badge size="sm" variant="light" color={COLOUR[one.state]}>
                  {t(`now.state.${one.state}`)}
                </Badge>
              </Group>
            </Table.Td>
            <Table.Td>{t('now.busy', { busy: one.busy, slots: one.slots })}</Table.Td>
            <Table.Td visibleFrom="sm">{t('now.ago', { time: duration(one.heard_ago_ms) })}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
      {instances.length > SHOWN_MAX && <Table.Caption>+{instances.length - SHOWN_MAX}</Table.Caption>}
    </Table>
  );
}

function Playing({ matches, total }: { matches: Shown<'SeatState'>[]; total: number }) {
  const { t } = useTranslation('agent');
  if (total === 0) return null;
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {t('now.matches', { count: total })}
      </Text>
      <Group gap="xs">
        {matches.slice(0, SHOWN_MAX).map(({ match, game, seat }) => (
          <Badge key={`${match}-${seat}`} variant="light" color="ember" tt="none" size="lg">
            <TextLink to="/matches/$match" params={{ match }} inherit c="inherit">
              {t('now.match', { game, seat: seat + 1 })}
            </TextLink>
          </Badge>
        ))}
      </Group>
    </div>
  );
}

function Waits({ waits }: { waits: Shown<'Wait'>[] }) {
  const { t } = useTranslation('agent');
  const shown = waits.filter((one) => one.waiting > 0 || one.quarantined_until_ms);
  if (shown.length === 0) return null;
  return (
    <Table verticalSpacing={6} aria-label={t('wait.title')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('wait.title')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('wait.since')}</Table.Th>
          <Table.Th>{t('wait.estimated')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {shown.slice(0, SHOWN_MAX).map((one) => (
          <Table.Tr key={one.game}>
            <Table.Td>
              <GameName game={one.game} />
              <Text size="sm" c="dimmed">
                <Why wait={one} />
              </Text>
              {one.quarantined_until_ms && (
                <Text size="xs" c="orange">
                  {t('wait.barred', { time: moment(one.quarantined_until_ms) })}
                </Text>
              )}
            </Table.Td>
            <Table.Td visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
              {one.since_ms ? <Ago at={one.since_ms} /> : '–'}
            </Table.Td>
            <Table.Td style={{ whiteSpace: 'nowrap' }}>
              {one.estimated_ms != null ? duration(one.estimated_ms) : '–'}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
      {shown.length > SHOWN_MAX && <Table.Caption>+{shown.length - SHOWN_MAX}</Table.Caption>}
    </Table>
  );
}
