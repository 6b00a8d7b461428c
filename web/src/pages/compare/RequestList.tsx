import { Button, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { isOpen } from './progress';
import { RequestCard } from './RequestCard';

const PAGE = 10;
const POLL_MS = 5_000; // for what no event tells: a request that waits
const FOLLOWED_MAX = 5; // each is a subscription of this tab's connection

/** One's requests, newest first, as far as they are. */
export function RequestList() {
  const { t } = useTranslation('compare');
  const requests = $api.useInfiniteQuery(
    'get',
    '/api/requests',
    { params: { query: { limit: PAGE } } },
    {
      pageParamName: 'cursor',
      initialPageParam: null,
      getNextPageParam: (page) => page.next ?? undefined,
      refetchInterval: ({ state }) =>
        state.data?.pages.some((page) => page.items.some((one) => isOpen(one))) ? POLL_MS : false,
    },
  );
  const rows = requests.data?.pages.flatMap((page) => page.items) ?? [];
  const followed = new Set(rows.filter(isOpen).slice(0, FOLLOWED_MAX));
  return (
    <Section title={t('requests.title')}>
      <Await query={requests} height={320}>
        {() =>
          rows.length === 0 ? (
            <Empty title={t('requests.none')}>{t('requests.noneNote')}</Empty>
          ) : (
            <Stack gap="sm">
              {rows.map((request) => (
                <RequestCard key={request.id} request={request} follow={followed.has(request)} />
              ))}
              {requests.hasNextPage && (
                <Button
                  variant="default"
                  loading={requests.isFetchingNextPage}
                  onClick={() => void requests.fetchNextPage()}
                >
                  {t('requests.more')}
                </Button>
              )}
            </Stack>
          )
        }
      </Await>
    </Section>
  );
}
