import { Badge, Group, Select, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { Ago, number } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import type { Me } from '@/session';
import { type Place, ROLES, type Role, stripped } from './place';
import { UserActions } from './UserActions';

type User = Shown<'ListedUser'>;
type Translate = ReturnType<typeof useTranslation<'operations'>>['t'];
const TYPING_MS = 250;

/** Everybody who has an account. */
export function Users({ me }: { me: Me }) {
  const { t } = useTranslation('operations');
  const { search, role, locked } = useSearch({ from: '/operations' });
  const query = $api.useInfiniteQuery(
    'get',
    '/api/users',
    { params: { query: { search, role, locked } } },
    {
      pageParamName: 'cursor',
      initialPageParam: null,
      getNextPageParam: (page) => page.next ?? undefined,
      placeholderData: (before) => before,
    },
  );
  const shownColumns = useMemo(() => columns(t, me), [t, me]);
  return (
    <Section title={t('users.title')}>
      <Filters />
      <Await query={query} height={400}>
        {({ pages }) => (
          <Listing
            label={t('list', { title: t('users.title') })}
            rows={pages.flatMap((page) => page.items)}
            columns={shownColumns}
            rowId={(user) => user.id}
            hasMore={query.hasNextPage}
            loadingMore={query.isFetchingNextPage}
            loadMore={query.fetchNextPage}
            empty={<Empty title={t('users.none')}>{t('users.noneNote')}</Empty>}
          />
        )}
      </Await>
    </Section>
  );
}

function Filters() {
  const { t } = useTranslation('operations');
  const { search, role, locked } = useSearch({ from: '/operations' });
  const navigate = useNavigate({ from: '/operations' });
  const narrow = (change: Place) =>
    void navigate({ search: (before) => stripped({ ...before, ...change }), replace: true });
  const type = useDebouncedCallback((typed: string) => narrow({ search: typed || undefined }), TYPING_MS);
  return (
    <Group mb="md" align="flex-end">
      <TextInput
        label={t('users.search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        defaultValue={search}
        onChange={(event) => type(event.currentTarget.value.trim())}
        style={{ flex: '1 1 200px' }}
      />
      <Select
        label={t('users.role')}
        placeholder={t('users.any')}
        clearable
        data={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
        value={role ?? null}
        onChange={(chosen) => narrow({ role: (chosen as Role | null) ?? undefined })}
        w={170}
      />
      <Select
        label={t('users.state')}
        placeholder={t('users.any')}
        clearable
        data={[
          { value: 'no', label: t('users.open') },
          { value: 'yes', label: t('users.locked') },
        ]}
        value={locked === undefined ? null : locked ? 'yes' : 'no'}
        onChange={(chosen) => narrow({ locked: chosen ? chosen === 'yes' : undefined })}
        w={150}
      />
    </Group>
  );
}

const ROLE_COLOUR = { user: 'gray', operator: 'slate', admin: 'slate', house: 'gray' } as const;

const columns = (t: Translate, me: Me): Columns<User> => [
  {
    id: 'name',
    header: t('users.name'),
    cell: ({ row: { original } }) => (
      <Group gap="xs" wrap="nowrap" miw={0}>
        <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
          {original.name}
        </Text>
        {original.id === me.id && (
          <Text size="xs" c="dimmed">
            {t('users.you')}
          </Text>
        )}
      </Group>
    ),
  },
  {
    id: 'role',
    header: t('users.role'),
    cell: ({ row: { original } }) => (
      <Group gap={4}>
        <Badge variant={original.role === 'admin' ? 'filled' : 'light'} color={ROLE_COLOUR[original.role]}>
          {t(`role.${original.role}`)}
        </Badge>
        {original.locked_ms != null && (
          <Badge variant="light" color="red">
            {t('users.locked')}
          </Badge>
        )}
      </Group>
    ),
  },
  {
    id: 'agents',
    header: t('users.agents'),
    meta: { wide: true },
    cell: ({ row: { original } }) => number(original.agents),
  },
  {
    id: 'created',
    header: t('users.created'),
    meta: { wide: true },
    cell: ({ row: { original } }) => <Ago at={original.created_ms} />,
  },
  {
    id: 'actions',
    header: () => <VisuallyHidden>{t('actions')}</VisuallyHidden>,
    cell: ({ row: { original } }) => (
      <Group justify="flex-end">
        <UserActions me={me} user={original} />
      </Group>
    ),
  },
];
