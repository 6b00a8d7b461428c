import { Badge, Paper, Tabs } from '@mantine/core';
import { IconAlertTriangle, IconChartLine, IconEye, IconInfoCircle, IconMessage2 } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { number } from '@/parts/format';
import { Loading } from '@/parts/states';
import { About } from './About';
import { Faults } from './Faults';
import type { Details } from './following';
import { TABS, type Tab } from './place';
import type { MatchRecord } from './record';
import type { Utterance } from './said';
import { Talk } from './Talk';
import { Trail } from './Trail';

const Charts = lazy(() => import('./Charts').then(({ Charts }) => ({ default: Charts })));

const ICONS = {
  charts: IconChartLine,
  talk: IconMessage2,
  trail: IconEye,
  faults: IconAlertTriangle,
  about: IconInfoCircle,
} as const;

interface Props {
  details: Details;
  record: MatchRecord;
  ply: number;
  seek: (ply: number) => void;
  utterances: readonly Utterance[];
  following: boolean;
  own: readonly number[];
}

const HEIGHT = 320;

/** What one may want to know beside the game: charts, talk, an owner's private trail, faults, and all the rest. */
export function Below(props: Props) {
  const { details, record, ply, seek, utterances, following, own } = props;
  const { t } = useTranslation('match');
  const { tab } = useSearch({ from: '/matches/$match' });
  const navigate = useNavigate({ from: '/matches/$match' });
  const tabs = TABS.filter((one) => one !== 'trail' || own.length > 0);
  const chosen = tabs.find((one) => one === tab) ?? 'charts';
  const choose = (value: string | null) =>
    void navigate({ search: (before) => ({ ...before, tab: value as Tab }), replace: true, resetScroll: false });
  const counts = { talk: utterances.length, faults: record.faults.length } as Partial<Record<Tab, number>>;
  const looked = { record, ply, seek };
  const panel: Record<Tab, () => ReactNode> = {
    charts: () => <Charts {...looked} />,
    talk: () => <Talk {...{ utterances, ply, following, seek }} over={record.end !== null} />,
    trail: () => <Trail {...looked} details={details} own={own} />,
    faults: () => <Faults faults={record.faults} details={details} seek={seek} />,
    about: () => <About details={details} record={record} />,
  };
  return (
    <Paper withBorder>
      <Tabs value={chosen} onChange={choose} keepMounted={false}>
        <Tabs.List style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
          {tabs.map((one) => {
            const Icon = ICONS[one];
            return (
              <Tabs.Tab
                key={one}
                value={one}
                leftSection={<Icon size={16} aria-hidden />}
                rightSection={counts[one] ? <Count of={one} count={counts[one]} /> : undefined}
              >
                {t(`tab.${one}`)}
              </Tabs.Tab>
            );
          })}
        </Tabs.List>
        {tabs.map((one) => (
          <Tabs.Panel key={one} value={one} p="md" mih={HEIGHT}>
            <Suspense fallback={<Loading height={HEIGHT} />}>{panel[one]()}</Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Paper>
  );
}

const Count = ({ of, count }: { of: Tab; count: number }) => (
  <Badge size="sm" circle={count < 10} flex="none" variant="light" color={of === 'faults' ? 'red' : undefined}>
    {number(count)}
  </Badge>
);
