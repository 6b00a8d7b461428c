import { ActionIcon, Group, Paper, SimpleGrid, Tabs, Tooltip } from '@mantine/core';
import { IconArrowsLeftRight } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { AgentSelect } from '@/parts/AgentSelect';
import { GameSelect } from '@/parts/GameSelect';
import { TextLink } from '@/parts/links';
import { Page } from '@/parts/Page';
import { Empty, Loading } from '@/parts/states';
import { useMe } from '@/session';
import { type CompareSearch, VIEWS } from './search';

const Duel = lazy(async () => ({ default: (await import('./Duel')).Duel }));
const Requests = lazy(async () => ({ default: (await import('./Requests')).Requests }));

/** Two agents side by side, and matches that one asks for. */
export function Compare() {
  const { t } = useTranslation('compare');
  const search = useSearch({ from: '/compare' });
  const navigate = useNavigate({ from: '/compare' });
  const want = (change: Partial<CompareSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  return (
    <Page title={t('title')} note={t('note')}>
      <Tabs
        value={search.view ?? 'duel'}
        onChange={(chosen) => want({ view: VIEWS.find((one) => one === chosen && one !== 'duel') })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="duel">{t('view.duel')}</Tabs.Tab>
          <Tabs.Tab value="requests">{t('view.requests')}</Tabs.Tab>
        </Tabs.List>
        <Suspense fallback={<Loading height={420} />}>
          <Tabs.Panel value="duel">
            <Chosen search={search} want={want} />
          </Tabs.Panel>
          <Tabs.Panel value="requests">
            <Asked search={search} />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </Page>
  );
}

interface ChosenProps {
  search: CompareSearch;
  want: (change: Partial<CompareSearch>) => void;
}

function Chosen({ search, want }: ChosenProps) {
  const { t } = useTranslation('compare');
  const { game, a, b } = search;
  return (
    <>
      <Paper withBorder p="md" mb="md">
        <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
          <GameSelect
            label={t('choose.game')}
            placeholder={t('choose.gameHint')}
            value={game}
            least={2}
            choose={(chosen) => want({ game: chosen, av: undefined, bv: undefined })}
          />
          <AgentSelect
            label={t('choose.a')}
            placeholder={t('choose.agentHint')}
            game={game}
            value={a}
            without={b}
            choose={(chosen) => want({ a: chosen, av: undefined })}
          />
          <Group gap="xs" wrap="nowrap" align="flex-end">
            <AgentSelect
              label={t('choose.b')}
              placeholder={t('choose.agentHint')}
              game={game}
              value={b}
              without={a}
              choose={(chosen) => want({ b: chosen, bv: undefined })}
              flex={1}
            />
            <Tooltip label={t('choose.swap')}>
              <ActionIcon
                variant="default"
                size={36}
                aria-label={t('choose.swap')}
                disabled={!a || !b}
                onClick={() => want({ a: b, b: a, av: search.bv, bv: search.av })}
              >
                <IconArrowsLeftRight size={18} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </Group>
        </SimpleGrid>
      </Paper>
      {game && a && b && a !== b ? (
        <Duel key={`${game} ${a} ${b}`} game={game} a={a} b={b} versions={[search.av, search.bv]} want={want} />
      ) : (
        <Empty title={t('choose.first')}>{t('choose.firstNote')}</Empty>
      )}
    </>
  );
}

function Asked({ search }: { search: CompareSearch }) {
  const { t } = useTranslation('compare');
  const me = useMe();
  if (me === undefined) return <Loading height={420} />;
  if (me === null) {
    return (
      <Empty title={t('request.login')}>
        <TextLink to="/">{t('request.toLogin')}</TextLink>
      </Empty>
    );
  }
  return <Requests search={search} />;
}
