import { ActionIcon, Button, Group, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconLogout, IconMoon, IconSun, IconUserCircle } from '@tabler/icons-react';
import { useLocation } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { current, LANGUAGES, language } from '@/i18n';
import { ButtonLink } from '@/parts/links';
import { type Me, useLogout } from '@/session';

/** Language, light or dark, and who one is. No menus: they would weigh as much as everything else that is here. */
export function Choices({ me }: { me: Me | null | undefined }) {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme() === 'dark';
  const other = current() === 'en' ? 'zh' : 'en';
  return (
    <Group gap={6} wrap="nowrap">
      <Button
        variant="subtle"
        color="gray"
        size="compact-md"
        lang={other === 'zh' ? 'zh-CN' : 'en'}
        onClick={() => void language.choose(other)}
      >
        {other === 'zh' ? '中文' : LANGUAGES.en}
      </Button>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t(dark ? 'shell.light' : 'shell.dark')}
        onClick={() => setColorScheme(dark ? 'light' : 'dark')}
      >
        {dark ? <IconSun size={20} aria-hidden /> : <IconMoon size={20} aria-hidden />}
      </ActionIcon>
      {me ? <Person me={me} /> : me === null ? <Enter /> : null}
    </Group>
  );
}

function Enter() {
  const { t } = useTranslation();
  const inside = useLocation({ select: (location) => location.pathname !== '/' });
  if (!inside) return null;
  return (
    <ButtonLink to="/" size="sm">
      {t('shell.enter')}
    </ButtonLink>
  );
}

function Person({ me }: { me: Me }) {
  const { t } = useTranslation();
  const logout = useLogout();
  return (
    <>
      <ButtonLink
        to="/account"
        variant="subtle"
        color="gray"
        px={8}
        maw={{ base: 130, sm: 260 }}
        leftSection={<IconUserCircle size={20} aria-label={t('shell.account')} />}
      >
        {me.name}
      </ButtonLink>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t('shell.logout')}
        title={t('shell.logout')}
        onClick={() => void logout()}
      >
        <IconLogout size={20} aria-hidden />
      </ActionIcon>
    </>
  );
}
