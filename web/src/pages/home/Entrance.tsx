import { Grid, Group, Paper, Stack, Tabs, Text, ThemeIcon, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconPlayerPlay, IconPlugConnected, IconRotateClockwise, IconTrophy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { number } from '@/parts/format';
import { ButtonLink } from '@/parts/links';
import { Credentials } from './Credentials';

const EVERY_MS = 10_000;
const POINTS = [
  ['mount', IconPlugConnected],
  ['matched', IconTrophy],
  ['replay', IconRotateClockwise],
] as const;

/** What people see who are not logged in: what this is, what runs right now, and the way in. */
export default function Entrance() {
  const { t } = useTranslation('home');
  useDocumentTitle('Arena');
  return (
    <Grid gap={{ base: 'lg', md: 60 }} align="center" maw={1080} mx="auto" pt={{ md: 48 }}>
      <Grid.Col span={{ base: 12, md: 7 }} order={{ base: 2, md: 1 }}>
        <Stack gap="xl">
          <div>
            <Title order={1} fz={{ base: 30, sm: 42 }} lh={1.15}>
              {t('entrance.title')}
            </Title>
            <Text c="dimmed" fz="lg" mt="sm" maw={560}>
              {t('entrance.note')}
            </Text>
          </div>
          <Stack gap="md">
            {POINTS.map(([name, Icon]) => (
              <Group key={name} wrap="nowrap" gap="md" align="flex-start">
                <ThemeIcon variant="light" size={40} radius="md" aria-hidden>
                  <Icon size={22} stroke={1.6} />
                </ThemeIcon>
                <div>
                  <Text fw={600}>{t(`entrance.${name}`)}</Text>
                  <Text c="dimmed" size="sm" maw={500}>
                    {t(`entrance.${name}Note`)}
                  </Text>
                </div>
              </Group>
            ))}
          </Stack>
          <Figures />
          <Group>
            <ButtonLink to="/watch" variant="default" leftSection={<IconPlayerPlay size={16} aria-hidden />}>
              {t('entrance.watch')}
            </ButtonLink>
            <ButtonLink to="/games" variant="subtle">
              {t('entrance.games')}
            </ButtonLink>
          </Group>
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }} order={{ base: 1, md: 2 }}>
        <Paper withBorder p="lg" shadow="sm" radius="lg">
          <Tabs defaultValue="login" keepMounted={false}>
            <Tabs.List grow mb="md">
              <Tabs.Tab value="login">{t('entrance.login')}</Tabs.Tab>
              <Tabs.Tab value="register">{t('entrance.register')}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="login">
              <Credentials way="login" />
            </Tabs.Panel>
            <Tabs.Panel value="register">
              <Credentials way="register" />
            </Tabs.Panel>
          </Tabs>
        </Paper>
      </Grid.Col>
    </Grid>
  );
}

/** What the platform does at this moment. Nothing is shown until it is known; its place is kept. */
function Figures() {
  const { t } = useTranslation('home');
  const { data: queue } = $api.useQuery('get', '/api/queue', {}, { refetchInterval: EVERY_MS });
  const { data: games } = $api.useQuery('get', '/api/games', {}, { staleTime: 300_000 });
  const shown = [
    ['running', queue?.running],
    ['perMinute', queue && Math.round(queue.games.reduce((sum, game) => sum + game.matches_per_minute, 0))],
    ['games', games?.length],
  ] as const;
  return (
    <Group gap="xl" mih={54}>
      {shown.map(([name, value]) => (
        <div key={name}>
          <Text fz={26} fw={650} lh={1.1}>
            {value === undefined ? '–' : number(value)}
          </Text>
          <Text size="sm" c="dimmed">
            {t(`figure.${name}`)}
          </Text>
        </div>
      ))}
    </Group>
  );
}
