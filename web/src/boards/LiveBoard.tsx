import { Center, Loader, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconEyeOff } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { useGames } from '@/parts/names';
import { BoardView, type BoardViewProps } from './BoardView';
import type { Following, Position } from './following';
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
  const last = useLast(match, following.state === 'refused');
  const told = useRef(onChange);
  told.current = onChange;
  const over = following.state === 'refused' && last.over;
  useEffect(() => {
    told.current?.(over ? { ...following, state: 'over', detail: over } : following);
  }, [following, over]);
  const position = following.position ?? last.position;
  if (position)
    return (
      <BoardView
        key={match}
        board={boardOf(position)}
        label={label}
        size={size}
        seats={seats}
        reducedMotion={reducedMotion}
      />
    );
  if (following.state === 'refused' && last.asked)
    return last.hidden ? <Hidden /> : <Refused detail={following.detail} />;
  return <Connecting />;
}

/** What is found of a match whose board is refused: it may be over, or its players hide something from each other. */
function useLast(match: string, refused: boolean) {
  const games = useGames();
  const path = { params: { path: { match_id: match } } };
  const { data: found, isFetched } = $api.useQuery('get', '/api/matches/{match_id}', path, { enabled: refused });
  const over = found?.status === 'ended' || found?.status === 'voided' ? found.status : '';
  const { data, error } = $api.useQuery(
    'get',
    '/api/matches/{match_id}/frames',
    { params: { path: { match_id: match }, query: { from: found?.plies ?? 0, count: 1 } } },
    { enabled: refused && over !== '', staleTime: Number.POSITIVE_INFINITY },
  );
  const details = found && games(found.game)?.details;
  return {
    asked: isFetched && (over === '' || data !== undefined || error !== null),
    over,
    hidden: details !== undefined && !details.perfect_information,
    position: (data?.frames[0] ?? null) as Position | null,
  };
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
    <Center h="100%" mih={120} p="sm">
      <Stack align="center" gap={6} maw={300}>
        <ThemeIcon variant="light" color="gray" size="lg" radius="xl" aria-hidden>
          <IconEyeOff size={20} />
        </ThemeIcon>
        <Text size="sm" fw={600} ta="center">
          {t('live.hidden')}
        </Text>
        <Text size="xs" c="dimmed" ta="center">
          {t('live.hiddenNote')}
        </Text>
      </Stack>
    </Center>
  );
}

function Refused({ detail }: { detail: string }) {
  const { t } = useTranslation('boards');
  return (
    <Center h="100%" mih={120} p="sm">
      <Stack align="center" gap={6} maw={300}>
        <ThemeIcon variant="light" color="yellow" size="lg" radius="xl" aria-hidden>
          <IconAlertTriangle size={20} />
        </ThemeIcon>
        <Text size="sm" fw={600} ta="center">
          {t('live.failed')}
        </Text>
        <Text size="xs" c="dimmed" ta="center">
          {detail}
        </Text>
      </Stack>
    </Center>
  );
}
