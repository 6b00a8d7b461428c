import { Stack } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '@/parts/Page';
import { useMe } from '@/session';
import { Filters } from './list/Filters';
import { MatchList } from './list/MatchList';
import { type MatchesSearch, wantedOf } from './list/search';

/** What was and is played, newest first. */
export function Matches() {
  const { t } = useTranslation('matches');
  const me = useMe();
  const search = useSearch({ from: '/matches/' });
  const navigate = useNavigate({ from: '/matches/' });
  const [opened] = useState(Date.now);
  const want = (change: Partial<MatchesSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const wanted = useMemo(() => wantedOf(search, me?.id, opened), [search, me?.id, opened]);
  const filtered = Object.values(search).some((value) => value !== undefined);
  return (
    <Page title={t('title')} note={t('note')}>
      <Stack gap="md">
        <Filters search={search} want={want} />
        <MatchList
          wanted={wanted}
          label={t('title')}
          clear={filtered ? () => void navigate({ search: {}, replace: true }) : undefined}
        />
      </Stack>
    </Page>
  );
}
