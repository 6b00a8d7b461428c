import '@mantine/charts/styles.css';
import { Badge, ScrollArea, Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ButtonLink } from '@/parts/links';
import { Page } from '@/parts/Page';
import { Empty, Loading } from '@/parts/states';
import { isOperator, type Me, useMe } from '@/session';
import { Announcing } from './Announcing';
import { Audit } from './Audit';
import { DeadLetters, useDeadCount } from './DeadLetters';
import { Overview } from './Overview';
import { TABS, type Tab } from './place';
import { TraceContext, useQuarantine, useTrace } from './polls';
import { Quarantine } from './Quarantine';
import { Queues } from './Queues';
import { Runners } from './Runners';
import { Services } from './Services';
import { Streams } from './Streams';
import type { Trace } from './trace';
import { Users } from './Users';

/** The platform as its operators see it. */
export function Operations() {
  const { t } = useTranslation('operations');
  const me = useMe();
  if (me === undefined) return <Loading height={480} />;
  if (me && isOperator(me)) return <Operating me={me} />;
  return (
    <Page title={t('title')}>
      <Empty title={t('closed.title')}>
        {t(me ? 'closed.user' : 'closed.nobody')}
        <ButtonLink to="/" mt="md" variant="default">
          {t(me ? 'closed.home' : 'closed.enter')}
        </ButtonLink>
      </Empty>
    </Page>
  );
}

function Operating({ me }: { me: Me }) {
  const { t } = useTranslation('operations');
  const { tab = 'overview' } = useSearch({ from: '/operations' });
  const navigate = useNavigate({ from: '/operations' });
  const trace = useTrace();
  return (
    <Page title={t('title')} note={t('note')}>
      <Tabs
        value={tab}
        onChange={(chosen) => void navigate({ search: chosen === 'overview' ? {} : { tab: chosen as Tab } })}
        keepMounted={false}
      >
        <ScrollArea type="never" mb="lg">
          <Tabs.List style={{ flexWrap: 'nowrap' }} aria-label={t('title')}>
            {TABS.map((name) => (
              <Tabs.Tab key={name} value={name} px="sm" rightSection={<Count tab={name} />}>
                {t(`tab.${name}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </ScrollArea>
        <Tabs.Panel value={tab}>
          <TraceContext value={trace}>
            <Shown tab={tab} me={me} trace={trace} />
          </TraceContext>
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Shown({ tab, me, trace }: { tab: Tab; me: Me; trace: Trace }) {
  switch (tab) {
    case 'overview':
      return <Overview trace={trace} />;
    case 'runners':
      return <Runners trace={trace} />;
    case 'services':
      return <Services />;
    case 'queues':
      return <Queues trace={trace} />;
    case 'streams':
      return <Streams trace={trace} />;
    case 'dead':
      return <DeadLetters />;
    case 'quarantine':
      return <Quarantine />;
    case 'users':
      return <Users me={me} />;
    case 'audit':
      return <Audit />;
    case 'announcements':
      return <Announcing />;
  }
}

/** How many things wait to be looked at behind a tab. */
function Count({ tab }: { tab: Tab }) {
  const quarantined = useQuarantine().data?.length ?? 0;
  const dead = useDeadCount();
  const count = tab === 'quarantine' ? String(quarantined || '') : tab === 'dead' ? dead : '';
  if (!count) return null;
  return (
    <Badge size="sm" color="orange" variant="light" circle={count.length === 1}>
      {count}
    </Badge>
  );
}
