import { Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import type { RowSelectionState } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Listing } from '@/parts/Listing';
import { ButtonLink, TextLink } from '@/parts/links';
import { Page } from '@/parts/Page';
import { Empty, Failed, Loading } from '@/parts/states';
import { useMe } from '@/session';
import { columnsOf } from './list/columns';
import { Filters } from './list/Filters';
import { Many } from './list/Many';
import { useAgents } from './list/useAgents';
import type { ListSearch } from './search';

const route = getRouteApi('/agents/');
const PLACE_PX = 480;

/** All agents of one's own. */
export function Agents() {
  const { t } = useTranslation('agents');
  const me = useMe();
  return (
    <Page
      title={t('title')}
      note={t('note')}
      actions={
        me && (
          <ButtonLink to="/agents/new" leftSection={<IconPlus size={18} aria-hidden />}>
            {t('new')}
          </ButtonLink>
        )
      }
    >
      {me ? (
        <Own />
      ) : me === null ? (
        <Empty title={t('nobody')}>
          <TextLink to="/">{t('enter')}</TextLink>
        </Empty>
      ) : (
        <Loading height={PLACE_PX} />
      )}
    </Page>
  );
}

function Own() {
  const { t } = useTranslation('agents');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: ListSearch) => void navigate({ search: { ...search, ...next }, replace: true });
  const { rows, watch, data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useAgents(search);
  const [chosen, choose] = useState<RowSelectionState>({});
  const columns = useMemo(() => columnsOf(t, watch), [t, watch]);
  const filtered = Boolean(search.search || search.state || search.capability);
  return (
    <Stack gap="sm">
      <Filters search={search} change={change} />
      <Many agents={rows.filter(({ id }) => chosen[id])} clear={() => choose({})} />
      {data ? (
        <Listing
          label={t('title')}
          rows={rows}
          columns={columns}
          rowId={(row) => row.id}
          chosen={chosen}
          choose={choose}
          hasMore={hasNextPage}
          loadingMore={isFetchingNextPage}
          loadMore={fetchNextPage}
          height={PLACE_PX + 120}
          empty={filtered ? <NoSuch /> : <First />}
        />
      ) : error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : (
        <Loading height={PLACE_PX} />
      )}
    </Stack>
  );
}

function First() {
  const { t } = useTranslation('agents');
  return (
    <Empty title={t('none')}>
      <Stack align="center" gap="sm">
        {t('noneNote')}
        <ButtonLink to="/agents/new">{t('first')}</ButtonLink>
      </Stack>
    </Empty>
  );
}

function NoSuch() {
  const { t } = useTranslation('agents');
  return (
    <Empty title={t('noSuch')}>
      <TextLink to="/agents">{t('all')}</TextLink>
    </Empty>
  );
}
