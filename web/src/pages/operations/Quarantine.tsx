import { Badge, Button, Group, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Shown } from '@/api/client';
import { Confirm } from '@/parts/Confirm';
import { Ago } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { AgentName, GameName } from '@/parts/names';
import { notice } from '@/parts/notice';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { Counted } from './Counted';
import { MatchId } from './DeadLetters';
import { useQuarantine } from './polls';
import { Stale } from './Stale';

type One = Shown<'Quarantined'>;
type Translate = ReturnType<typeof useTranslation<'operations'>>['t'];

/** Which games and agents get no new matches for a while, and why. */
export function Quarantine() {
  const { t } = useTranslation('operations');
  const query = useQuarantine();
  const queries = useQueryClient();
  const [releasing, setReleasing] = useState<One | null>(null);
  const release = async ({ game, agent }: One) => {
    if (agent) await api.DELETE('/api/quarantine/{game}/{agent_id}', { params: { path: { game, agent_id: agent } } });
    else await api.DELETE('/api/quarantine/{game}', { params: { path: { game } } });
    void notice({ message: t('quarantine.released'), color: 'teal' });
    await queries.invalidateQueries({ queryKey: ['get', '/api/quarantine'] });
  };
  return (
    <Section title={t('quarantine.title')}>
      <Stale query={query} />
      <Await query={query} height={240}>
        {(all) => (
          <Listing
            label={t('list', { title: t('quarantine.title') })}
            rows={all}
            columns={columns(t, setReleasing)}
            rowId={({ game, agent }) => `${game} ${agent ?? ''}`}
            empty={<Empty title={t('quarantine.none')}>{t('quarantine.noneNote')}</Empty>}
          />
        )}
      </Await>
      <Confirm
        opened={releasing !== null}
        close={() => setReleasing(null)}
        title={t(releasing?.agent ? 'quarantine.askAgent' : 'quarantine.askGame')}
        label={t('quarantine.release')}
        run={async () => releasing && release(releasing)}
      >
        {t('quarantine.releaseNote')}
      </Confirm>
    </Section>
  );
}

const columns = (t: Translate, release: (one: One) => void): Columns<One> => [
  {
    id: 'who',
    header: t('quarantine.who'),
    cell: ({ row: { original } }) => (
      <Stack gap={2}>
        {original.agent ? (
          <AgentName id={original.agent} />
        ) : (
          <Badge variant="light" color="orange">
            {t('quarantine.wholeGame')}
          </Badge>
        )}
        <Text size="sm" component="div">
          <GameName game={original.game} />
        </Text>
      </Stack>
    ),
  },
  {
    id: 'why',
    header: t('quarantine.why'),
    cell: ({ row: { original } }) => (
      <div>
        <Text size="sm">{original.why}</Text>
        {original.times > 1 && (
          <Text size="xs" c="dimmed">
            {t('quarantine.times', { count: original.times })}
          </Text>
        )}
      </div>
    ),
  },
  {
    id: 'matches',
    header: t('quarantine.matches'),
    meta: { wide: true },
    cell: ({ row: { original } }) => <Evidence matches={original.matches} />,
  },
  {
    id: 'since',
    header: t('quarantine.since'),
    meta: { wide: true },
    cell: ({ row: { original } }) => <Ago at={original.since_ms} />,
  },
  { id: 'until', header: t('quarantine.until'), cell: ({ row: { original } }) => <Ago at={original.until_ms} /> },
  {
    id: 'release',
    header: () => <VisuallyHidden>{t('actions')}</VisuallyHidden>,
    cell: ({ row: { original } }) => (
      <Group justify="flex-end">
        <Button size="compact-sm" variant="default" onClick={() => release(original)}>
          {t('quarantine.release')}
        </Button>
      </Group>
    ),
  },
];

/** The matches that led to it. */
function Evidence({ matches }: { matches: string[] }) {
  const { t } = useTranslation('operations');
  if (matches.length === 0) return <>–</>;
  return (
    <Counted label={t('quarantine.matchCount', { count: matches.length })}>
      <Stack gap={4}>
        {matches.map((match) => (
          <MatchId key={match} match={match} />
        ))}
      </Stack>
    </Counted>
  );
}
