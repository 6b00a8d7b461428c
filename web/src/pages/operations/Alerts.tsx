import { Group, ScrollArea, Stack, Text } from '@mantine/core';
import { IconAlertOctagon, IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { Ago } from '@/parts/format';
import { TextLink } from '@/parts/links';
import { Section } from '@/parts/Page';
import { Await } from '@/parts/states';
import type { Tab } from './place';
import { useAlerts } from './polls';
import { Stale } from './Stale';
import { told } from './told';

type Alert = Shown<'Alert'>;
const MARK = {
  critical: { Icon: IconAlertOctagon, colour: 'var(--mantine-color-red-6)' },
  warning: { Icon: IconAlertTriangle, colour: 'var(--mantine-color-orange-6)' },
  info: { Icon: IconInfoCircle, colour: 'var(--mantine-color-blue-6)' },
} as const;
/** Where one sees more of it. */
const WHERE: Partial<Record<Alert['code'], Tab>> = {
  no_matchmaker: 'services',
  no_recorder: 'services',
  no_runner: 'runners',
  runner_silent: 'runners',
  runner_draining: 'runners',
  recorder_lagging: 'streams',
  replica_behind: 'streams',
  dead_letters: 'dead',
  game_quarantined: 'quarantine',
  game_unplayed: 'queues',
  queue_slow: 'queues',
};

/** What to look at now, the most severe first. aside: what stands beside the heading. */
export function Alerts({ aside }: { aside: ReactNode }) {
  const { t } = useTranslation('operations');
  const query = useAlerts();
  return (
    <Section title={t('alerts.title')} actions={aside}>
      <Stale query={query} />
      <Await query={query} height={28}>
        {(alerts) =>
          alerts.length === 0 ? (
            <Group gap="sm" mih={28}>
              <IconCircleCheck size={22} color="var(--mantine-color-teal-6)" aria-hidden />
              <Text size="sm">{t('alerts.none')}</Text>
            </Group>
          ) : (
            <ScrollArea.Autosize mah={300} type="auto" viewportProps={{ tabIndex: 0 }}>
              <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
                {alerts.map((alert) => (
                  <One key={`${alert.code} ${alert.about}`} alert={alert} />
                ))}
              </Stack>
            </ScrollArea.Autosize>
          )
        }
      </Await>
    </Section>
  );
}

function One({ alert: { code, severity, about, figures, since_ms } }: { alert: Alert }) {
  const { t } = useTranslation('operations');
  const { Icon, colour } = MARK[severity];
  const where = WHERE[code];
  const values = { about, ...told(figures ?? {}) };
  return (
    <li>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Icon size={22} color={colour} style={{ flexShrink: 0 }} aria-label={t(`alerts.${severity}`)} role="img" />
        <div style={{ minWidth: 0, flex: 1 }}>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {t(`alert.${code}.title`, values)}
          </Text>
          <Text size="sm" c="dimmed">
            {t(`alert.${code}.note`, values)}
            {since_ms != null && (
              <>
                {' · '}
                <Ago at={since_ms} />
              </>
            )}
          </Text>
        </div>
        {where && (
          <TextLink to="/operations" search={{ tab: where }} size="sm" style={{ whiteSpace: 'nowrap' }}>
            {t(`tab.${where}`)}
          </TextLink>
        )}
      </Group>
    </li>
  );
}
