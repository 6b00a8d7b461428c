import { Center, ThemeIcon } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import {
  type Icon,
  IconAdjustmentsHorizontal,
  IconAffiliate,
  IconCards,
  IconChessKnight,
  IconDice5,
  IconLayoutGrid,
  IconMessages,
  IconRoute,
  IconScale,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useEffect, useState } from 'react';
import { api, type Shown } from '@/api/client';
import { BoardView, boardOf } from '@/boards';
import classes from './games.module.css';
import { Line } from './line';

type Frame = Shown<'ReplayFrame'>;

const AT_ONCE = 3;
const line = new Line(AT_ONCE);

const ICONS: [string, Icon][] = [
  ['board', IconChessKnight],
  ['cards', IconCards],
  ['dice', IconDice5],
  ['text', IconMessages],
  ['negotiation', IconMessages],
  ['particles', IconAffiliate],
  ['control', IconAdjustmentsHorizontal],
  ['planning', IconRoute],
  ['dilemma', IconScale],
];

interface Props {
  title: string;
  tags: string[];
  /** The match that is shown, two thirds through; null: nothing was played. */
  match: string | null;
  plies: number;
}

/** A position of a game as it is played, drawn once it is looked at. Only a picture: what leads on is around it. */
export function Preview({ title, tags, match, plies }: Props) {
  const { ref, entry } = useIntersection({ rootMargin: '240px' });
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (entry?.isIntersecting) setSeen(true);
  }, [entry?.isIntersecting]);
  return (
    <div ref={ref} className={classes.preview} inert>
      {match && seen ? (
        // Boards have texts of their own, which come with the first of them.
        <Suspense fallback={<Sign tags={tags} />}>
          <Position title={title} tags={tags} match={match} ply={Math.floor((plies * 2) / 3)} />
        </Suspense>
      ) : (
        <Sign tags={tags} />
      )}
    </div>
  );
}

function Position({ title, tags, match, ply }: { title: string; tags: string[]; match: string; ply: number }) {
  const { data: frame } = useQuery({
    queryKey: ['preview', match, ply],
    queryFn: ({ signal }) => line.take(() => frameOf(match, ply), signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!frame) return <Sign tags={tags} />;
  return <BoardView board={boardOf(frame)} label={title} size="box" />;
}

async function frameOf(match: string, ply: number): Promise<Frame | null> {
  const params = { path: { match_id: match }, query: { from: ply, count: 1 } };
  const { data } = await api.GET('/api/matches/{match_id}/frames', { params });
  return (data as Shown<'Frames'>).frames[0] ?? null;
}

/** Where there is nothing to be drawn: what kind of game it is. */
function Sign({ tags }: { tags: string[] }) {
  const [, Found] = ICONS.find(([tag]) => tags.includes(tag)) ?? ['', IconLayoutGrid];
  return (
    <Center h="100%">
      <ThemeIcon variant="transparent" color="gray" size={64} opacity={0.5}>
        <Found size={52} stroke={1} aria-hidden />
      </ThemeIcon>
    </Center>
  );
}
