import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { number } from '@/parts/format';
import { RateBar } from '@/parts/RateBar';
import { wilson } from '@/parts/wilson';
import { points, type Tally } from './duels';

interface Props {
  label: string;
  /** What the rows are. */
  head: string;
  rows: [string, Tally][];
}

/** Results in parts, each with what is known of its rate. */
export function Tallies({ label, head, rows }: Props) {
  const { t } = useTranslation('compare');
  if (rows.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        –
      </Text>
    );
  }
  return (
    <Table.ScrollContainer minWidth={320} type="native">
      <Table aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{head}</Table.Th>
            <Table.Th>{t('duel.rate')}</Table.Th>
            <Table.Th>{t('duel.record')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(([name, tally]) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td>
                <RateBar of={wilson(points(tally), tally.played)} />
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                {number(tally.ahead)} · {number(tally.level)} · {number(tally.behind)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
