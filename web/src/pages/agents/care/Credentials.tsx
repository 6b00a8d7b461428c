import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus, IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, type Shown } from '@/api/client';
import { Confirm } from '@/parts/Confirm';
import { duration } from '@/parts/format';
import { Listing } from '@/parts/Listing';
import { notice } from '@/parts/notice';
import { Empty, Failed, Loading } from '@/parts/states';
import type { View } from '../Agent';
import { CREDENTIALS, useIssue } from '../mounting/credential';
import { columnsOf } from './credentialColumns';
import { dropped, present } from './dropping';
import { Issuing } from './Issuing';

type Credential = Shown<'Credential'>;
type Page = Shown<'Page_arena.store.accounts.Credential_'>;
const LIMIT = 50;
const EVERY_MS = 5_000;

/** What it connects with: issue, replace, revoke; and whether what was revoked is gone. */
export default function Credentials({ own }: View & { own: NonNullable<View['own']> }) {
  const { t } = useTranslation('agent');
  const init = { params: { path: { agent_id: own.id }, query: { limit: LIMIT } } };
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = $api.useInfiniteQuery(
    'get',
    CREDENTIALS,
    init,
    {
      pageParamName: 'cursor',
      initialPageParam: null,
      getNextPageParam: (page: Page) => page.next ?? undefined,
      refetchInterval: ({ state }) => ((state.data?.pages.length ?? 1) > 1 ? false : EVERY_MS),
    },
  );
  const [revoking, setRevoking] = useState<Credential | null>(null);
  const [asking, ask] = useState<'issue' | 'rotate' | null>(null);
  const ending = useEnding(own.id);
  const issue = useIssue();
  const rows = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  const columns = useMemo(() => columnsOf(t, setRevoking), [t]);
  if (error && !data) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading height={360} />;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={560}>
          {t('credential.note')}
        </Text>
        <Group gap="xs">
          <Button size="sm" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => ask('issue')}>
            {t('credential.issue')}
          </Button>
          <Button
            size="sm"
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={() => ask('rotate')}
          >
            {t('credential.rotate')}
          </Button>
        </Group>
      </Group>
      <Ending of={ending.last} />
      <Listing
        label={t('tab.credentials')}
        rows={rows}
        columns={columns}
        rowId={({ public_key }) => public_key}
        hasMore={hasNextPage}
        loadingMore={isFetchingNextPage}
        loadMore={fetchNextPage}
        empty={<Empty title={t('credential.none')}>{t('credential.noneNote')}</Empty>}
      />
      <Issuing agent={own} opened={asking === 'issue'} close={() => ask(null)} />
      <Confirm
        opened={asking === 'rotate'}
        close={() => ask(null)}
        title={t('credential.rotateTitle')}
        label={t('credential.rotateRun')}
        color="red"
        run={() =>
          ending.follow(async () => {
            const file = await issue.mutateAsync({ agent: own, label: t('credential.rotated'), instead: true });
            void notice({ message: t('credential.downloaded', { file }), color: 'teal' });
          })
        }
      >
        <Text size="sm">{t('credential.rotateNote')}</Text>
      </Confirm>
      <Confirm
        opened={revoking !== null}
        close={() => setRevoking(null)}
        title={t('credential.revokeTitle')}
        label={t('credential.revoke')}
        color="red"
        run={() => ending.follow(() => revoke(own.id, revoking?.public_key ?? ''))}
      >
        <Text size="sm">
          {t('credential.revokeNote', { label: revoking?.label || revoking?.public_key.slice(0, 8) })}
        </Text>
      </Confirm>
    </Stack>
  );
}

const revoke = (agent: string, key: string) =>
  api.DELETE('/api/agents/{agent_id}/credentials/{public_key}', {
    params: { path: { agent_id: agent, public_key: key } },
  });

type Ended = 'waiting' | 'unconnected' | 'stayed' | { instance: string; ms: number };

/** End credentials, and look how soon whoever was connected by them is gone. */
function useEnding(agent: string) {
  const queries = useQueryClient();
  const [last, setLast] = useState<Ended | null>(null);
  const follow = async (end: () => Promise<unknown>) => {
    const before = await present(agent).catch(() => new Set<string>());
    setLast(null);
    const since = performance.now();
    await end();
    const took = performance.now() - since;
    void queries.invalidateQueries({ queryKey: ['get', CREDENTIALS] });
    if (before.size === 0) return setLast('unconnected');
    setLast('waiting');
    void dropped(agent, before).then(
      (gone) => setLast(gone ? { ...gone, ms: gone.ms + took } : 'stayed'),
      () => setLast(null),
    );
  };
  return { last, follow };
}

function Ending({ of }: { of: Ended | null }) {
  const { t } = useTranslation('agent');
  if (of === null) return null;
  const gone = typeof of === 'object';
  return (
    <Alert color={gone ? 'teal' : 'blue'} variant="light" role="status" title={t('ending.title')}>
      {gone ? t('ending.gone', { instance: of.instance, time: duration(of.ms) }) : t(`ending.${of}`)}
    </Alert>
  );
}
