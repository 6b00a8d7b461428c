import { Badge, Button, Group, Text, VisuallyHidden } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile, IconTerminal2 } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, type Shown } from '@/api/client';
import { Confirm } from '@/parts/Confirm';
import { Ago, moment } from '@/parts/format';
import { type Columns, Listing } from '@/parts/Listing';
import { notice } from '@/parts/notice';
import { Section } from '@/parts/Page';
import { Await } from '@/parts/states';
import { clientOf } from './userAgent';

type Session = Shown<'OwnSession'>;
const EVERY_MS = 15_000;
const ICON = { browser: IconDeviceDesktop, phone: IconDeviceMobile, program: IconTerminal2 };

/** Where one is logged in. */
export function Sessions() {
  const { t } = useTranslation('account');
  const query = $api.useQuery('get', '/api/auth/sessions', {}, { refetchInterval: EVERY_MS });
  const [ending, setEnding] = useState<Session | null>(null);
  const [all, setAll] = useState(false);
  const queries = useQueryClient();
  const end = async (id: string) => {
    await api.DELETE('/api/auth/sessions/{session_id}', { params: { path: { session_id: id } } });
    await queries.invalidateQueries({ queryKey: ['get', '/api/auth/sessions'] });
    void notice({ message: t('sessions.ended'), color: 'teal' });
  };
  const everywhere = async () => {
    await api.POST('/api/auth/logout-everywhere');
    queries.clear();
    window.location.assign('/');
  };
  return (
    <Section
      title={t('sessions.title')}
      actions={
        <Button size="xs" variant="light" color="red" onClick={() => setAll(true)}>
          {t('sessions.everywhere')}
        </Button>
      }
    >
      <Await query={query} height={160}>
        {(found) => (
          <Listing
            label={t('list', { title: t('sessions.title') })}
            rows={found}
            columns={columns(t, setEnding)}
            rowId={(one) => one.id}
            height={360}
          />
        )}
      </Await>
      <Confirm
        opened={ending !== null}
        close={() => setEnding(null)}
        title={t('sessions.endTitle')}
        label={t('sessions.end')}
        color="red"
        run={() => end(ending?.id ?? '')}
      >
        {ending && t('sessions.endNote', { client: name(ending), address: ending.address })}
      </Confirm>
      <Confirm
        opened={all}
        close={() => setAll(false)}
        title={t('sessions.everywhereTitle')}
        label={t('sessions.everywhere')}
        color="red"
        run={everywhere}
      >
        {t('sessions.everywhereNote')}
      </Confirm>
    </Section>
  );
}

const name = (session: Session) => clientOf(session.client).name || '?';
type Translate = ReturnType<typeof useTranslation<'account'>>['t'];

const columns = (t: Translate, end: (session: Session) => void): Columns<Session> => [
  {
    id: 'client',
    header: t('sessions.client'),
    cell: ({ row: { original } }) => {
      const Icon = ICON[clientOf(original.client).kind];
      return (
        <Group gap="xs" wrap="nowrap" miw={0}>
          <Icon size={20} stroke={1.6} aria-hidden />
          <div>
            <Text size="sm" fw={500} title={original.client}>
              {name(original)}
            </Text>
            <Text size="xs" c="dimmed">
              {original.address}
            </Text>
          </div>
        </Group>
      );
    },
  },
  { id: 'used', header: t('sessions.used'), cell: ({ row: { original } }) => <Ago at={original.used_ms} /> },
  {
    id: 'begun',
    header: t('sessions.begun'),
    meta: { wide: true },
    cell: ({ row: { original } }) => moment(original.created_ms),
  },
  {
    id: 'expires',
    header: t('sessions.expires'),
    meta: { wide: true },
    cell: ({ row: { original } }) => moment(original.expires_ms),
  },
  {
    id: 'end',
    header: () => <VisuallyHidden>{t('actions')}</VisuallyHidden>,
    cell: ({ row: { original } }) => (
      <Group justify="flex-end" wrap="nowrap">
        {original.current ? (
          <Badge variant="light" color="teal">
            {t('sessions.current')}
          </Badge>
        ) : (
          <Button size="compact-sm" variant="default" onClick={() => end(original)}>
            {t('sessions.end')}
          </Button>
        )}
      </Group>
    ),
  },
];
