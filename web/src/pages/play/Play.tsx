import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { ButtonLink } from '@/parts/links';
import { Page } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import { useMe } from '@/session';
import { Choosing } from './choosing/Choosing';
import { Leaving } from './Leaving';
import { sitting } from './seat/sitting';
import type { SeatState } from './seat/state';
import { Table } from './table/Table';
import { useMade } from './useMade';

let going: ReturnType<typeof setTimeout> | undefined;

/** The seat belongs to this page: whoever goes elsewhere gets up. */
function useSeat(): SeatState {
  useEffect(() => {
    clearTimeout(going);
    void sitting.comeBack();
    return () => {
      going = setTimeout(() => void sitting.leave(), 0);
    };
  }, []);
  return useSyncExternalStore(sitting.watch, sitting.now);
}

/** Play it oneself: choose a game and an opponent, then sit at the board. */
export function Play() {
  const { t } = useTranslation('play');
  const about = $api.useQuery('get', '/api/about', {}, { staleTime: Number.POSITIVE_INFINITY });
  const seat = useSeat();
  const me = useMe();
  if (me === null)
    return (
      <Page title={t('title')} note={t('note')}>
        <Empty title={t('nobody')}>
          <ButtonLink to="/" mt="xs">
            {t('enter')}
          </ButtonLink>
        </Empty>
      </Page>
    );
  return (
    <Page title={t('title')} note={t('note')}>
      <Await query={about}>
        {({ websocket }) => (websocket ? <Seat seat={seat} /> : <Empty title={t('none')}>{t('noneNote')}</Empty>)}
      </Await>
      <Leaving risky={seat.stage === 'waiting' || seat.stage === 'playing'} />
    </Page>
  );
}

function Seat({ seat }: { seat: SeatState }) {
  const made = useMade(seat);
  switch (seat.stage) {
    case 'free':
      return <Choosing />;
    case 'coming':
    case 'waiting':
      return <Waiting seat={seat} />;
    case 'refused':
      return <Refused seat={seat} />;
    case 'playing':
    case 'over':
      return seat.wish && <Table seat={seat} match={made} />;
  }
}

function Waiting({ seat }: { seat: SeatState }) {
  const { t } = useTranslation('play');
  return (
    <Stack align="center" py={80} gap="md" role="status">
      <Loader type="dots" />
      <Text fw={600}>{t(seat.stage === 'coming' ? 'coming' : 'waiting')}</Text>
      <Text size="sm" c="dimmed" ta="center" maw={420}>
        {t(seat.stage === 'coming' ? 'comingNote' : 'waitingNote')}
      </Text>
      <Button variant="default" onClick={() => void sitting.leave()}>
        {t('cancel')}
      </Button>
    </Stack>
  );
}

const KNOWN = ['paused', 'quarantined', 'instance_taken', 'too_many_instances', 'protocol', 'unreachable'] as const;

/** Why there is no seat: in our words, and in those of the platform. */
function Refused({ seat: { problem, wish } }: { seat: SeatState }) {
  const { t } = useTranslation('play');
  const known = KNOWN.find((code) => code === problem?.code);
  return (
    <Alert color="red" variant="light" role="alert" title={t('refused')} icon={<IconAlertTriangle aria-hidden />}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{known ? t(`refusal.${known}`) : problem?.message}</Text>
        {known && problem?.message && (
          <Text size="xs" c="dimmed">
            {problem.message}
          </Text>
        )}
        <Group gap="xs">
          {wish && (
            <Button size="xs" onClick={() => void sitting.want(wish)}>
              {t('again')}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={() => void sitting.leave()}>
            {t('other')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
