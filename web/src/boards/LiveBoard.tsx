import { Center, Loader, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconEyeOff } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { useGames } from '@/parts/names';
import { BoardView, type BoardViewProps } from './BoardView';
import type { Following } from './following';
import { boardOf } from './types';
import { useBoard } from './useBoard';

export interface LiveBoardProps extends Pick<BoardViewProps, 'size' | 'seats' | 'reducedMotion'> {
  match: string;
  /** What it is, for who does not see it. */
  label: string;
  /** Each change of what is known, e.g. whose turn it is, or that it is over. */
  onChange?: (following: Following) => void;
}

/** A match's newest position: followed while it is played, the last one when it is over. */
export function LiveBoard({ match, label, size = 'box', seats, reducedMotion, onChange }: LiveBoardProps) {
  const following = useBoard(match);
  const told = useRef(onChange);
  told.current = onChange;
  useEffect(() => told.current?.(following), [following]);
  const view = { label, size, seats, reducedMotion };
  const asked = following.state === 'refused' || (following.state === 'over' && !following.position);
  if (!asked) {
    if (!following.position) return <Connecting />;
    return <BoardView key={match} board={boardOf(following.position)} {...view} />;
  }
  return (
    <Last
      key={match}
      match={match}
      following={following}
      view={view}
      onOver={(over) => told.current?.({ ...following, state: 'over', detail: over })}
    />
  );
}

const AGAIN_MS = 500;
const isOver = (match: Shown<'Match'> | undefined): match is Shown<'Match'> =>
  match?.status === 'ended' || match?.status === 'voided';

/** A match whose board is not told (any more): it may be over, or its players hide something from each other. */
function Last({
  match,
  following,
  view,
  onOver,
}: {
  match: string;
  following: Following;
  view: Omit<BoardViewProps, 'board'>;
  onOver: (over: string) => void;
}) {
  const games = useGames();
  const path = { match_id: match };
  const { data: found, isFetched } = $api.useQuery(
    'get',
    '/api/matches/{match_id}',
    { params: { path } },
    // The tables follow the log: an end may be told before it stands there.
    { refetchInterval: ({ state }) => (following.state === 'over' && !isOver(state.data) ? AGAIN_MS : false) },
  );
  const over = isOver(found) ? found.status : '';
  const frames = $api.useQuery(
    'get',
    '/api/matches/{match_id}/frames',
    { params: { path, query: { from: found?.plies ?? 0, count: 1 } } },
    { enabled: over !== '', staleTime: Number.POSITIVE_INFINITY },
  );
  const tell = useRef(onOver);
  tell.current = onOver;
  useEffect(() => {
    if (over) tell.current(over);
  }, [over]);
  const position = frames.data?.frames[0] ?? following.position;
  if (position) return <BoardView board={boardOf(position)} {...view} />;
  const waits = over ? frames.isPending : following.state === 'over' || !isFetched;
  if (waits) return <Connecting />;
  const details = found && games(found.game)?.details;
  return details && !details.perfect_information ? <Hidden /> : <Refused detail={following.detail} />;
}

/** Nothing has come yet. */
function Connecting() {
  const { t } = useTranslation('boards');
  return (
    <Center h="100%" mih={120} role="status" aria-label={t('live.connecting')}>
      <Loader type="dots" color="gray" />
    </Center>
  );
}

/** Why a match of a game of hidden information shows no board. */
export function Hidden() {
  const { t } = useTranslation('boards');
  return (
    <Instead colour="gray" Icon={IconEyeOff} title={t('live.hidden')}>
      {t('live.hiddenNote')}
    </Instead>
  );
}

function Refused({ detail }: { detail: string }) {
  const { t } = useTranslation('boards');
  return (
    <Instead colour="yellow" Icon={IconAlertTriangle} title={t('live.failed')}>
      {detail}
    </Instead>
  );
}

/** What stands where a board would be. */
function Instead({
  colour,
  Icon,
  title,
  children,
}: {
  colour: string;
  Icon: typeof IconEyeOff;
  title: string;
  children: string;
}) {
  return (
    <Center h="100%" mih={120} p="sm">
      <Stack align="center" gap={6} maw={300}>
        <ThemeIcon variant="light" color={colour} size="lg" radius="xl" aria-hidden>
          <Icon size={20} />
        </ThemeIcon>
        <Text size="sm" fw={600} ta="center">
          {title}
        </Text>
        <Text size="xs" c="dimmed" ta="center">
          {children}
        </Text>
      </Stack>
    </Center>
  );
}
