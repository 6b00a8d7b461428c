import { Grid, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ButtonLink } from '@/parts/links';
import { Page } from '@/parts/Page';
import type { Me } from '@/session';
import { Boards } from './Boards';
import { OwnAgents } from './OwnAgents';
import { Queue } from './Queue';
import { Since } from './Since';

/** The main page: my agents now, what happened since last time, what is played, who waits. */
export default function Home({ me }: { me: Me }) {
  const { t } = useTranslation('home');
  return (
    <Page
      title={t('home.title', { name: me.name })}
      actions={<ButtonLink to="/agents/new">{t('home.new')}</ButtonLink>}
    >
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack gap="lg">
            <OwnAgents />
            <Boards />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack gap="lg">
            <Since me={me} />
            <Queue />
          </Stack>
        </Grid.Col>
      </Grid>
    </Page>
  );
}
