import { SegmentedControl, Table, Text, VisuallyHidden } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { percent } from '@/parts/format';
import { TextLink } from '@/parts/links';
import { AgentName } from '@/parts/names';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import classes from './pairings.module.css';

const TOPS = [5, 10, 20, 30];
const TOP = 10;

/** How the best agents did against each other. */
export function Pairings({ game }: { game: string }) {
  const { t } = useTranslation('games');
  const { top = TOP } = useSearch({ from: '/games/$game' });
  const navigate = useNavigate({ from: '/games/$game' });
  const matrix = $api.useQuery(
    'get',
    '/api/games/{game}/pairings',
    { params: { path: { game }, query: { top: Math.min(top, 30) } } },
    { placeholderData: (before) => before },
  );
  return (
    <Section
      title={t('pairings.title')}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t('pairings.top')}
          value={String(top)}
          onChange={(chosen) =>
            void navigate({
              search: (before) => ({ ...before, top: Number(chosen) }),
              replace: true,
              resetScroll: false,
            })
          }
          data={TOPS.map((count) => ({ value: String(count), label: `${t('pairings.top')} ${count}` }))}
        />
      }
    >
      <Text size="sm" c="dimmed" mb="sm">
        {t('pairings.note')}
      </Text>
      <Await query={matrix} height={360}>
        {(found) =>
          found.agents.length > 1 ? <Matrix game={game} found={found} /> : <Empty title={t('pairings.few')} />
        }
      </Await>
    </Section>
  );
}

function Matrix({ game, found }: { game: string; found: Shown<'Matrix'> }) {
  const { t } = useTranslation('games');
  const met = new Map(found.pairings.map((one) => [`${one.agent} ${one.opponent}`, one]));
  return (
    <Table.ScrollContainer minWidth={120 + found.agents.length * 58} type="native">
      <Table withColumnBorders withRowBorders aria-label={t('pairings.title')} className={classes.matrix}>
        <Table.Thead>
          <Table.Tr>
            <Table.Td />
            {found.agents.map((agent) => (
              <Table.Th key={agent.agent} scope="col" className={classes.column}>
                <span title={agent.agent_name ?? agent.agent}>
                  {agent.rank}. {agent.agent_name ?? agent.agent}
                </span>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {found.agents.map((row) => (
            <Table.Tr key={row.agent}>
              <Table.Th scope="row" className={classes.row}>
                <AgentName id={row.agent} name={`${row.rank}. ${row.agent_name ?? row.agent}`} />
              </Table.Th>
              {found.agents.map((column) =>
                row === column ? (
                  <Table.Td key={column.agent} className={classes.self} />
                ) : (
                  <Cell
                    key={column.agent}
                    game={game}
                    row={row}
                    column={column}
                    pairing={met.get(`${row.agent} ${column.agent}`)}
                  />
                ),
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface CellProps {
  game: string;
  row: Shown<'Place'>;
  column: Shown<'Place'>;
  pairing: Shown<'Pairing'> | undefined;
}

function Cell({ game, row, column, pairing }: CellProps) {
  const { t } = useTranslation('games');
  const names = { a: row.agent_name ?? row.agent, b: column.agent_name ?? column.agent };
  if (!pairing || pairing.played === 0) {
    return (
      <Table.Td className={classes.cell} aria-label={t('pairings.never', names)}>
        ·
      </Table.Td>
    );
  }
  const rate = (pairing.ahead + pairing.level / 2) / pairing.played;
  return (
    <Table.Td className={classes.cell} style={{ '--rate': rate } as React.CSSProperties}>
      <TextLink to="/compare" search={{ game, a: row.agent, b: column.agent }} c="inherit" display="block">
        <VisuallyHidden>{t('pairings.cell', names)} </VisuallyHidden>
        {percent(rate)}{' '}
        <Text span fz={10} display="block" lh={1.1}>
          {pairing.played}
        </Text>
      </TextLink>
    </Table.Td>
  );
}
