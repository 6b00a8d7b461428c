import { Group, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { duration, number } from '@/parts/format';
import { GameName } from '@/parts/names';
import { Section } from '@/parts/Page';
import { Await } from '@/parts/states';

const SHOWN_MAX = 8;
const EVERY_MS = 3_000;
const PLACE_PX = 360;

/** Where something happens: the games in which most matches are made, and how long one waits. */
export function Queue() {
  const { t } = useTranslation('home');
  const query = $api.useQuery('get', '/api/queue', {}, { refetchInterval: EVERY_MS });
  return (
    <Section title={t('queue.title')}>
      <Await query={query} height={PLACE_PX}>
        {({ games, running, room }) => (
          <>
            <Group gap="lg" mb="xs">
              <Text size="sm">{t('queue.running', { count: running, shown: number(running) })}</Text>
              <Text size="sm" c={room > 0 ? 'dimmed' : 'orange'}>
                {room > 0 ? t('queue.room', { shown: number(room) }) : t('queue.full')}
              </Text>
            </Group>
            <Table verticalSpacing={6} aria-label={t('queue.title')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('queue.game')}</Table.Th>
                  <Table.Th ta="right">{t('queue.waiting')}</Table.Th>
                  <Table.Th ta="right" visibleFrom="xl">
                    {t('queue.perMinute')}
                  </Table.Th>
                  <Table.Th ta="right">{t('queue.wait')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {[...games]
                  .sort((a, b) => b.matches_per_minute - a.matches_per_minute || b.waiting - a.waiting)
                  .slice(0, SHOWN_MAX)
                  .map((game) => (
                    <Table.Tr key={game.game}>
                      <Table.Td maw={140}>
                        <GameName game={game.game} />
                      </Table.Td>
                      <Table.Td ta="right">{number(game.waiting)}</Table.Td>
                      <Table.Td ta="right" visibleFrom="xl">
                        {number(game.matches_per_minute, 1)}
                      </Table.Td>
                      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                        {game.estimated_ms === null ? '–' : duration(game.estimated_ms)}
                      </Table.Td>
                    </Table.Tr>
                  ))}
              </Table.Tbody>
            </Table>
          </>
        )}
      </Await>
    </Section>
  );
}
