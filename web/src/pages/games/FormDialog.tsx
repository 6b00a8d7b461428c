import { Modal, Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { number } from '@/parts/format';
import { RateBar } from '@/parts/RateBar';
import { Await } from '@/parts/states';
import { wilson } from '@/parts/wilson';

interface Props {
  game: Shown<'ShownGame'>;
  agent: string | undefined;
  close: () => void;
}

/** How an agent does in this game, by its versions and seats, beside the leaderboard. */
export function FormDialog({ game, agent, close }: Props) {
  const { t } = useTranslation('games');
  return (
    <Modal
      closeButtonProps={{ 'aria-label': t('board.close') }}
      opened={agent !== undefined}
      onClose={close}
      size="lg"
      centered
      title={t('board.formTitle')}
    >
      {agent && <Form game={game} agent={agent} />}
    </Modal>
  );
}

function Form({ game, agent }: { game: Shown<'ShownGame'>; agent: string }) {
  const { t } = useTranslation('games');
  const form = $api.useQuery('get', '/api/games/{game}/form/{agent_id}', {
    params: { path: { game: game.name, agent_id: agent } },
  });
  return (
    <Await query={form}>
      {(rows) => (
        <Table aria-label={t('board.formTitle')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('board.version')}</Table.Th>
              <Table.Th>{t('board.seat')}</Table.Th>
              <Table.Th>{game.rating === 'score' ? t('board.score') : t('board.win')}</Table.Th>
              <Table.Th>{t('board.played')}</Table.Th>
              <Table.Th>{t('board.faults')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={`${row.version} ${row.seat}`}>
                <Table.Td>v{row.version}</Table.Td>
                <Table.Td>{row.seat}</Table.Td>
                <Table.Td>
                  {game.rating === 'score' ? (
                    number(row.score_mean, 2)
                  ) : (
                    <RateBar of={wilson(row.won + row.drawn / 2, row.played)} />
                  )}
                </Table.Td>
                <Table.Td>{number(row.played)}</Table.Td>
                <Table.Td>{number(row.faults)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Await>
  );
}
