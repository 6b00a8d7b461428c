import { Badge, Button, Code, Group, Text, VisuallyHidden } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, type Shown } from '@/api/client';
import { Confirm } from '@/parts/Confirm';
import { Ago } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { notice } from '@/parts/notice';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import type { Me } from '@/session';
import { NewAccessToken } from './NewAccessToken';

type Token = Shown<'PersonalToken'>;
const EVERY_MS = 30_000;

/** What lets scripts and CI in. */
export function AccessTokens({ me }: { me: Me }) {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const query = $api.useInfiniteQuery(
    'get',
    '/api/auth/tokens',
    {},
    {
      pageParamName: 'cursor',
      initialPageParam: null,
      getNextPageParam: (page) => page.next ?? undefined,
      refetchInterval: EVERY_MS,
    },
  );
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const revoke = async (id: string) => {
    await api.DELETE('/api/auth/tokens/{token_id}', { params: { path: { token_id: id } } });
    await queries.invalidateQueries({ queryKey: ['get', '/api/auth/tokens'] });
    void notice({ message: t('tokens.revoked'), color: 'teal' });
  };
  const make = (
    <Button size="xs" onClick={() => setMaking(true)} leftSection={<IconKey size={16} aria-hidden />}>
      {t('tokens.make')}
    </Button>
  );
  return (
    <Section title={t('tokens.title')} actions={make}>
      <Await query={query} height={160}>
        {({ pages }) => (
          <Listing
            label={t('list', { title: t('tokens.title') })}
            rows={pages.flatMap((page) => page.items)}
            columns={columns(t, setRevoking)}
            rowId={(one) => one.id}
            hasMore={query.hasNextPage}
            loadingMore={query.isFetchingNextPage}
            loadMore={query.fetchNextPage}
            height={360}
            empty={<Empty title={t('tokens.none')}>{t('tokens.noneNote')}</Empty>}
          />
        )}
      </Await>
      <NewAccessToken me={me} opened={making} close={() => setMaking(false)} />
      <Confirm
        opened={revoking !== null}
        close={() => setRevoking(null)}
        title={t('tokens.revokeTitle', { name: revoking?.name })}
        label={t('tokens.revoke')}
        color="red"
        run={() => revoke(revoking?.id ?? '')}
      >
        {t('tokens.revokeNote')}
      </Confirm>
    </Section>
  );
}

type Translate = ReturnType<typeof useTranslation<'account'>>['t'];

const columns = (t: Translate, revoke: (token: Token) => void): Columns<Token> => [
  {
    id: 'name',
    header: t('tokens.name'),
    cell: ({ row: { original } }) => (
      <div>
        <Text size="sm" fw={500}>
          {original.name}
        </Text>
        <Code>{original.prefix}…</Code>
      </div>
    ),
  },
  {
    id: 'scopes',
    header: t('tokens.scopes'),
    cell: ({ row: { original } }) => (
      <Group gap={4}>
        {original.scopes.map((scope) => (
          <Badge key={scope} variant="default" tt="none" size="sm">
            {scope}
          </Badge>
        ))}
      </Group>
    ),
  },
  {
    id: 'used',
    header: t('tokens.used'),
    meta: { wide: true },
    cell: ({ row: { original } }) => (original.used_ms ? <Ago at={original.used_ms} /> : t('tokens.never')),
  },
  {
    id: 'created',
    header: t('tokens.created'),
    meta: { wide: true },
    cell: ({ row: { original } }) => <Ago at={original.created_ms} />,
  },
  {
    id: 'ends',
    header: t('tokens.expires'),
    meta: { wide: true },
    cell: ({ row: { original } }) => <Ago at={original.expires_ms} />,
  },
  {
    id: 'revoke',
    header: () => <VisuallyHidden>{t('actions')}</VisuallyHidden>,
    cell: ({ row: { original } }) => (
      <Group justify="flex-end" wrap="nowrap">
        {original.revoked_ms ? (
          <Badge color="gray" variant="light">
            {t('tokens.isRevoked')}
          </Badge>
        ) : original.expires_ms <= Date.now() ? (
          <Badge color="gray" variant="light">
            {t('tokens.isExpired')}
          </Badge>
        ) : (
          <Button size="compact-sm" variant="default" onClick={() => revoke(original)}>
            {t('tokens.revoke')}
          </Button>
        )}
      </Group>
    ),
  },
];
