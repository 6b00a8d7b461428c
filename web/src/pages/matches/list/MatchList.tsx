import { Button, Center } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { number } from '@/parts/format';
import { Listing } from '@/parts/Listing';
import { TextLink } from '@/parts/links';
import { Await, Empty } from '@/parts/states';
import { useColumns } from './columns';
import type { wantedOf } from './search';
import { useNewest } from './useNewest';

const PAGE = 100;

interface Props {
  wanted: Partial<ReturnType<typeof wantedOf>>;
  label: string;
  /** Take the filters away; undefined: there are none. */
  clear?: () => void;
  height?: number;
}

/** Matches of any number, newest first. It is live, and what one reads stays where it is. */
export function MatchList({ wanted, label, clear, height = 620 }: Props) {
  const { t } = useTranslation('matches');
  const init = { params: { query: { ...wanted, limit: PAGE } } };
  const matches = $api.useInfiniteQuery('get', '/api/matches', init, {
    pageParamName: 'cursor',
    initialPageParam: null,
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: Number.POSITIVE_INFINITY, // useNewest keeps it up to date: a new try would ask for all pages again
    gcTime: 0,
    placeholderData: (before) => before,
  });
  const rows = useMemo(() => matches.data?.pages.flatMap((page) => page.items) ?? [], [matches.data]);
  const newest = useNewest(['get', '/api/matches', init], wanted, rows);
  const columns = useColumns(wanted.agent);
  return (
    <div>
      <Center h={30} role="status">
        {newest.count > 0 && (
          <Button size="xs" radius="xl" leftSection={<IconArrowUp size={14} aria-hidden />} onClick={newest.show}>
            {t('new', { count: newest.count, shown: `${number(newest.count)}${newest.more ? '+' : ''}` })}
          </Button>
        )}
      </Center>
      <Await query={matches} height={height}>
        {() => (
          <Listing
            label={label}
            rows={rows}
            columns={columns}
            rowId={(match) => match.id}
            hasMore={matches.hasNextPage}
            loadingMore={matches.isFetchingNextPage}
            loadMore={matches.fetchNextPage}
            height={height}
            empty={
              <Empty title={t(clear ? 'none.title' : 'nothing.title')}>
                {clear ? (
                  <Button variant="light" mt="xs" onClick={clear}>
                    {t('none.all')}
                  </Button>
                ) : (
                  <TextLink to="/agents/new">{t('nothing.mount')}</TextLink>
                )}
              </Empty>
            }
          />
        )}
      </Await>
    </div>
  );
}
