import { Alert, Anchor, Badge, Group, Stack, Tabs, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { isProblem } from '@/api/problem';
import { useRefresh } from '@/live/hooks';
import { DoingBadge } from '@/parts/Doing';
import { Ago, moment } from '@/parts/format';
import { ButtonLink, TextLink } from '@/parts/links';
import { Page } from '@/parts/Page';
import { Empty, Failed, Loading } from '@/parts/states';
import { useMe } from '@/session';
import { Pausing } from './care/Pausing';
import { useNow } from './care/useNow';
import { presenceOf } from './presence';
import { Overview } from './profile/Overview';
import { Quarantine } from './Quarantine';
import { type AgentSearch, TABS, type Tab } from './search';

const route = getRouteApi('/agents/$agent');
const OF_OWNER: ReadonlySet<Tab> = new Set<Tab>(['faults', 'credentials', 'mount', 'settings']);
const PLACE_PX = 420;

const Results = lazy(() => import('./profile/Results'));
const Matches = lazy(() => import('./profile/Matches'));
const Timing = lazy(() => import('./profile/Timing'));
const Versions = lazy(() => import('./profile/Versions'));
const Faults = lazy(() => import('./care/Faults'));
const Credentials = lazy(() => import('./care/Credentials'));
const Mount = lazy(() => import('./care/Mount'));
const Settings = lazy(() => import('./care/Settings'));

/** What the parts of the page are given. own: with what only its owner sees, or null for everybody else. */
export interface View {
  profile: Shown<'Profile'>;
  own: Shown<'ShownAgent'> | null;
  search: AgentSearch;
  change: (search: Partial<AgentSearch>) => void;
}

const SHOWN = {
  overview: Overview,
  results: Results,
  matches: Matches,
  timing: Timing,
  versions: Versions,
} as const;
const CARE = { faults: Faults, credentials: Credentials, mount: Mount, settings: Settings } as const;

/** An agent: how it stands, for everybody; what it is doing and how it is kept, for its owner. */
export function Agent() {
  const { t } = useTranslation('agent');
  const { agent } = route.useParams();
  const me = useMe();
  const path = { agent_id: agent };
  const profile = $api.useQuery('get', '/api/agents/{agent_id}/profile', { params: { path } });
  const mine =
    !!me && !!profile.data && !profile.data.deleted_ms && (profile.data.owner.id === me.id || me.role === 'admin');
  const own = $api.useQuery('get', '/api/agents/{agent_id}', { params: { path } }, { enabled: mine });
  useRefresh({ agent }, ['get', '/api/agents/{agent_id}/profile']);
  if (isProblem(profile.error, 404))
    return (
      <Page title={t('none')}>
        <Empty title={t('noneNote')} />
      </Page>
    );
  if (profile.error && !profile.data) return <Failed error={profile.error} retry={() => void profile.refetch()} />;
  if (!profile.data || me === undefined || (mine && own.isPending)) return <Loading height={PLACE_PX} />;
  return <Known key={agent} profile={profile.data} own={mine ? (own.data ?? null) : null} />;
}

function Known({ profile, own }: Pick<View, 'profile' | 'own'>) {
  const { t } = useTranslation('agent');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change: View['change'] = (next) =>
    void navigate({ search: { ...search, ...next }, replace: true, resetScroll: false });
  const tabs = TABS.filter((tab) => own !== null || !OF_OWNER.has(tab));
  const tab = tabs.find((one) => one === search.tab) ?? 'overview';
  const Part = { ...SHOWN, ...CARE }[tab];
  const view = { profile, search, change };
  return (
    <Page
      title={profile.name}
      note={<About profile={profile} own={own} />}
      actions={
        <>
          <ButtonLink to="/compare" search={{ a: profile.id, game: search.game }} variant="default">
            {t('compare')}
          </ButtonLink>
          {own && <Pausing agent={own} />}
        </>
      }
    >
      {profile.deleted_ms && (
        <Alert color="gray" title={t('deleted')}>
          {moment(profile.deleted_ms)}
        </Alert>
      )}
      <Tabs
        value={tab}
        onChange={(value) => void navigate({ search: { game: search.game, tab: value as Tab }, resetScroll: false })}
        keepMounted={false}
      >
        <Tabs.List aria-label={t('parts')} mb="md">
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Suspense fallback={<Loading height={PLACE_PX} />}>
            <Part {...view} own={own as never} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function About({ profile, own }: Pick<View, 'profile' | 'own'>) {
  const { t } = useTranslation('agent');
  return (
    <Stack gap={6} mt={4}>
      <Group gap={8}>
        {own && <Doing agent={own} />}
        <Badge variant="default" tt="none">
          v{profile.version}
        </Badge>
        {profile.house && (
          <Badge variant="light" color="gray">
            {t('house')}
          </Badge>
        )}
        <span>
          {t('by', { owner: profile.owner.name })} · {t('since')} <Ago at={profile.created_ms} />
        </span>
        {profile.open_to === 'nobody' && <span>· {t('closed')}</span>}
      </Group>
      {profile.description && (
        <Text
          size="sm"
          c="var(--mantine-color-text)"
          maw={760}
          style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}
        >
          {profile.description}
        </Text>
      )}
      {profile.capabilities.length > 0 && (
        <Group gap={4}>
          {profile.capabilities.map((word) =>
            own ? (
              <TextLink key={word} to="/agents" search={{ capability: word }} underline="never">
                <Badge variant="default" tt="none" fw={500}>
                  {word}
                </Badge>
              </TextLink>
            ) : (
              <Badge key={word} variant="default" tt="none" fw={500}>
                {word}
              </Badge>
            ),
          )}
        </Group>
      )}
    </Stack>
  );
}

function Doing({ agent }: { agent: Shown<'ShownAgent'> }) {
  const { t } = useTranslation('agent');
  const { data } = useNow(agent.id);
  return (
    <Group gap={6}>
      <DoingBadge agent={{ ...agent, presence: data ? presenceOf(data) : null }} />
      <Quarantine agent={agent} />
      {data && data.matches_total > 0 && <Anchor href="#now">{t('now.matches', { count: data.matches_total })}</Anchor>}
    </Group>
  );
}
