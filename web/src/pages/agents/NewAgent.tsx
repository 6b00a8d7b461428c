import { Stack, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { TextLink } from '@/parts/links';
import { Page } from '@/parts/Page';
import { Empty, Failed, Loading } from '@/parts/states';
import { useMe } from '@/session';
import { Journey } from './mounting/Journey';
import { Naming } from './mounting/Naming';
import { Step } from './mounting/Step';

const route = getRouteApi('/agents/new');

/** From a name to the first match. What is done is kept by the platform: one may leave and come back at every step. */
export function NewAgent() {
  const { t } = useTranslation('mounting');
  const { agent, ...search } = route.useSearch();
  const navigate = route.useNavigate();
  const me = useMe();
  const path = { agent_id: agent ?? '' };
  const made = $api.useQuery('get', '/api/agents/{agent_id}', { params: { path } }, { enabled: !!agent && !!me });
  if (me === undefined) return <Loading height={480} />;
  return (
    <Page title={t('new.title')} note={t('new.note')}>
      {me === null ? (
        <Empty title={t('new.nobody')}>
          <TextLink to="/">{t('new.enter')}</TextLink>
        </Empty>
      ) : (
        <Stack gap="md" maw={960}>
          <Step number={1} title={t('name.title')} done={!!made.data} active={!agent}>
            {!agent ? (
              <Naming onMade={(id) => void navigate({ search: { ...search, agent: id }, replace: true })} />
            ) : made.data ? (
              <Text size="sm">
                <TextLink to="/agents/$agent" params={{ agent }} fw={600}>
                  {made.data.name}
                </TextLink>
                {made.data.description && (
                  <Text span inherit c="dimmed">
                    {' · '}
                    {made.data.description}
                  </Text>
                )}
              </Text>
            ) : made.error ? (
              <Failed error={made.error} retry={() => void made.refetch()} />
            ) : (
              <Loading height={24} />
            )}
          </Step>
          <Journey
            agent={made.data ?? null}
            first={2}
            search={search}
            change={(next) =>
              void navigate({ search: { agent, ...search, ...next }, replace: true, resetScroll: false })
            }
          />
        </Stack>
      )}
    </Page>
  );
}
