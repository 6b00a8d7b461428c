import { Alert, AppShell, Burger, Group, NavLink, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useLiveState, useOnline } from '@/live/hooks';
import { noticesWanted, watchNotices } from '@/parts/notice';
import { Loading } from '@/parts/states';
import { isOperator, useMe } from '@/session';
import { Announcements } from './Announcements';
import { Choices } from './Choices';
import { PLACES } from './places';

const Corner = lazy(() => import('./Corner'));

/** What is around every page: where one can go, who one is, and whether the platform is reached. */
export function Shell() {
  const { t } = useTranslation();
  const me = useMe();
  const notices = useSyncExternalStore(watchNotices, noticesWanted);
  const [open, { toggle, close }] = useDisclosure();
  const path = useLocation({ select: (location) => location.pathname });
  const places = PLACES.filter(
    ({ who }) => who === 'anybody' || (who === 'user' && me) || (who === 'operator' && isOperator(me)),
  );
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !open } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a href="#page" className="skip">
        {t('shell.skip')}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('shell.menu')} />
            <UnstyledButton component={Link} to="/" onClick={close} aria-label="Arena">
              <Group gap={8} wrap="nowrap">
                <img src="/static/icon.svg" width={28} height={28} alt="" />
                <Text fw={700} fz="lg">
                  Arena
                </Text>
              </Group>
            </UnstyledButton>
          </Group>
          <Choices me={me} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t('shell.places')} style={{ overflowY: 'auto' }}>
        {places.map(({ to, text, Icon }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={t(text)}
            leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
            active={to === '/' ? path === '/' : path.startsWith(to)}
            aria-current={path === to ? 'page' : undefined}
            onClick={close}
            style={{ borderRadius: 'var(--mantine-radius-md)' }}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1}>
        <Connection />
        <Announcements />
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
        <Suspense>{notices && <Corner />}</Suspense>
      </AppShell.Main>
    </AppShell>
  );
}

/** Said only when something is wrong: no network, or live events that do not arrive. */
function Connection() {
  const { t } = useTranslation();
  const online = useOnline();
  const state = useLiveState();
  if (online && state !== 'waiting') return null;
  return (
    <Alert
      color="yellow"
      variant="light"
      mb="md"
      role="status"
      icon={<IconPlugConnectedX aria-hidden />}
      title={t(online ? 'shell.reconnecting' : 'shell.offline')}
    >
      {t(online ? 'shell.reconnectingNote' : 'shell.offlineNote')}
    </Alert>
  );
}
