import { Badge, Button, Code, Group, Paper, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { number } from '@/parts/format';
import { Empty } from '@/parts/states';
import type { Details } from './following';
import type { Fault } from './record';
import { SeatName } from './seats';
import { factsOf } from './words';

/** What seats were charged with: what happened, what it cost, the evidence, and what to do about it. */
export function Faults({
  faults,
  details,
  seek,
}: {
  faults: readonly Fault[];
  details: Details;
  seek: (ply: number) => void;
}) {
  const { t } = useTranslation('match');
  if (faults.length === 0) return <Empty title={t('fault.none')}>{t('fault.noneNote')}</Empty>;
  return (
    <Stack>
      {faults.map((fault) => (
        <Charged key={fault.seq} fault={fault} details={details} seek={seek} />
      ))}
    </Stack>
  );
}

function Charged({ fault, details, seek }: { fault: Fault; details: Details; seek: (ply: number) => void }) {
  const { t } = useTranslation('match');
  const rule = details.fault_rule;
  const cost =
    fault.verdict === 'warned'
      ? t('cost.warned', { count: rule?.strikes_max ?? 0 })
      : t(rule?.plays_on ? 'cost.playsOn' : 'cost.forfeited');
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" align="flex-start" mb="xs">
        <Group gap="xs">
          <SeatName seat={fault.seat} />
          <Text>{t(`cause.${fault.cause}`)}</Text>
          <Badge color={fault.verdict === 'forfeited' ? 'red' : 'yellow'} variant="light">
            {t(`verdict.${fault.verdict}`)}
          </Badge>
        </Group>
        <Button size="compact-xs" variant="default" onClick={() => seek(fault.ply)}>
          {t('fault.see', { ply: number(fault.ply + 1) })}
        </Button>
      </Group>
      <Text size="sm">{cost}</Text>
      <Table variant="vertical" layout="auto" my="sm" verticalSpacing={6}>
        <Table.Tbody>
          {factsOf(fault, t).map(({ name, text, code }) => (
            <Table.Tr key={name}>
              <Table.Th w={{ base: 110, sm: 180 }}>{name}</Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{code ? <Code block>{text}</Code> : text}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {fault.expected === undefined && (
        <Text size="sm" c="dimmed">
          {t('fault.keptBack')}
        </Text>
      )}
      <Text size="sm" c="dimmed">
        {t(`advice.${fault.cause}`)}
      </Text>
    </Paper>
  );
}
