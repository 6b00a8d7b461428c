import { ActionIcon, Menu, Modal, Stack, Text } from '@mantine/core';
import { IconDots, IconHistory, IconKey, IconLock, IconLockOpen, IconUserShield } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Shown } from '@/api/client';
import { Confirm } from '@/parts/Confirm';
import { moment } from '@/parts/format';
import { notice } from '@/parts/notice';
import { Once } from '@/parts/Once';
import type { Me } from '@/session';
import { type Refused, rightsOver } from './rights';

type User = Shown<'ListedUser'>;
const GRANTED = ['user', 'operator', 'admin'] as const;
type Granted = (typeof GRANTED)[number];
type Asked = { what: 'lock' } | { what: 'recover' } | { what: 'role'; role: Granted };

/** What an operator can do about a user. What the platform would refuse cannot be chosen, and says why. */
export function UserActions({ me, user }: { me: Me; user: User }) {
  const { t } = useTranslation('operations');
  const navigate = useNavigate({ from: '/operations' });
  const rights = rightsOver(me, user);
  const [asked, ask] = useState<Asked | null>(null);
  const locked = user.locked_ms != null;
  return (
    <>
      <Menu position="bottom-end" width={260}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t('users.actions', { name: user.name })}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Item refused={rights.lock} icon={locked ? IconLockOpen : IconLock} run={() => ask({ what: 'lock' })}>
            {t(locked ? 'users.unlock' : 'users.lock')}
          </Item>
          <Item refused={rights.recover} icon={IconKey} run={() => ask({ what: 'recover' })}>
            {t('users.recover')}
          </Item>
          {GRANTED.filter((role) => role !== user.role).map((role) => (
            <Item key={role} refused={rights.role} icon={IconUserShield} run={() => ask({ what: 'role', role })}>
              {t('users.make', { role: t(`role.${role}`) })}
            </Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconHistory size={16} aria-hidden />}
            onClick={() => void navigate({ search: { tab: 'audit', user: user.id } })}
          >
            {t('users.audit')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Change user={user} asked={asked?.what === 'recover' ? null : asked} close={() => ask(null)} />
      <Recovery user={user} opened={asked?.what === 'recover'} close={() => ask(null)} />
    </>
  );
}

interface ItemProps {
  refused: Refused;
  icon: typeof IconLock;
  run: () => void;
  children: ReactNode;
}

function Item({ refused, icon: Icon, run, children }: ItemProps) {
  const { t } = useTranslation('operations');
  return (
    <Menu.Item leftSection={<Icon size={16} aria-hidden />} disabled={refused !== null} onClick={run}>
      {children}
      {refused && (
        <Text size="xs" component="span" display="block">
          {t(`users.refused.${refused}`)}
        </Text>
      )}
    </Menu.Item>
  );
}

/** Lock, unlock, or another role: asked before, since it holds at once. */
function Change({
  user,
  asked,
  close,
}: {
  user: User;
  asked: Exclude<Asked, { what: 'recover' }> | null;
  close: () => void;
}) {
  const { t } = useTranslation('operations');
  const queries = useQueryClient();
  const locking = user.locked_ms == null;
  const change = async () => {
    const body = asked?.what === 'role' ? { role: asked.role } : { locked: locking };
    await api.PATCH('/api/users/{user_id}', { params: { path: { user_id: user.id } }, body });
    await queries.invalidateQueries({ queryKey: ['get', '/api/users'] });
    void notice({ message: t('users.changed', { name: user.name }), color: 'teal' });
  };
  const role = asked?.what === 'role' ? t(`role.${asked.role}`) : '';
  const verb = asked?.what === 'role' ? 'make' : locking ? 'lock' : 'unlock';
  return (
    <Confirm
      opened={asked !== null}
      close={close}
      title={t(`users.ask.${verb}`, { name: user.name, role })}
      label={t(`users.${verb}`, { role })}
      color={verb === 'lock' ? 'red' : undefined}
      run={change}
    >
      {t(`users.askNote.${verb}`)}
    </Confirm>
  );
}

/** A code for a forgotten password, shown once. */
function Recovery({ user, opened, close }: { user: User; opened: boolean; close: () => void }) {
  const { t } = useTranslation('operations');
  const [made, setMade] = useState<Shown<'RecoveryCode'> | null>(null);
  const make = async () => {
    const { data } = await api.POST('/api/users/{user_id}/recovery', { params: { path: { user_id: user.id } } });
    setMade(data ?? null);
  };
  const leave = () => {
    setMade(null);
    close();
  };
  return (
    <>
      <Confirm
        opened={opened}
        close={close}
        title={t('users.ask.recover', { name: user.name })}
        label={t('users.recover')}
        run={make}
      >
        {t('users.askNote.recover')}
      </Confirm>
      <Modal
        opened={made !== null}
        onClose={leave}
        title={t('users.codeFor', { name: user.name })}
        centered
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {made && (
          <Once secret={made.code} label={t('users.code')}>
            <Stack gap={4}>
              <Text size="sm">{t('users.codeNote', { page: `${window.location.origin}/recover` })}</Text>
              <Text size="sm">{t('users.codeEnds', { at: moment(made.expires_ms) })}</Text>
            </Stack>
          </Once>
        )}
      </Modal>
    </>
  );
}
