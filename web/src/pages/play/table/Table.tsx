import { Alert, Paper, Stack, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { boardOf, useBoard } from '@/boards';
import { detailsOf } from '@/pages/games/details';
import { useGames } from '@/parts/names';
import { type Choice, numbered } from '../choices';
import { sitting } from '../seat/sitting';
import type { SeatState } from '../seat/state';
import { Acting } from './Acting';
import { Ending } from './Ending';
import { Position } from './Position';
import { Remarks } from './Remarks';
import { Seats } from './Seats';
import classes from './table.module.css';
import { useGuide } from './useGuide';
import { Which } from './Which';

/** The board, who sits there, and what can be done. match: as the platform's record has it, once it does. */
export function Table({ seat, match }: { seat: SeatState; match: Shown<'Match'> | undefined }) {
  const { t } = useTranslation('play');
  const name = seat.wish?.game ?? '';
  const game = useGames()(name);
  const open = game ? detailsOf(game).perfect_information : false;
  const following = useBoard(open && seat.match ? seat.match : null);
  const guided = useGuide(seat, match !== undefined);
  const { turn } = seat;
  const choices = guided?.choices.length ? guided.choices : turn ? numbered(turn) : NOTHING;
  const acting = turn !== null && !seat.answered && seat.stage === 'playing';
  const [which, ask] = useState<Choice[]>([]);
  const play = (action: unknown) => {
    ask([]);
    if (turn) sitting.answer(turn, action);
  };
  const board = guided?.board ?? (following.position ? boardOf(following.position) : null);
  const current = guided?.ply === turn?.ply && (guided?.board || following.position?.ply === turn?.ply);
  return (
    <div className={classes.table}>
      <Stack gap="sm" className={classes.status}>
        {!seat.connected && seat.stage === 'playing' && (
          <Alert color="yellow" variant="light" role="status" icon={<IconPlugConnectedX aria-hidden />}>
            {t('reconnecting')}
          </Alert>
        )}
        {seat.stage === 'over' ? <Ending seat={seat} match={match} /> : <Seats seat={seat} match={match} />}
        {seat.fault && (
          <Alert color="orange" variant="light" role="alert" title={t('fault')}>
            <Text size="sm">{seat.fault}</Text>
          </Alert>
        )}
      </Stack>
      <Paper withBorder p="sm" className={classes.position}>
        <Position
          seat={seat}
          title={game?.title ?? name}
          names={match?.seats.map((one) => (one.agent === seat.agent ? t('you') : (one.agent_name ?? one.agent)))}
          board={board}
          choices={acting && current ? choices : NOTHING}
          play={(done) => (done.length === 1 ? play(done[0]?.action) : ask(done))}
        />
      </Paper>
      <Stack gap="sm" className={classes.acting}>
        {acting && turn && <Acting key={`${turn.match} ${turn.ply}`} turn={turn} choices={choices} play={play} />}
        {seat.match && <Remarks match={seat.match} over={seat.stage === 'over'} />}
      </Stack>
      <Which choices={which} choose={(choice) => play(choice.action)} close={() => ask([])} />
    </div>
  );
}

const NOTHING: readonly Choice[] = [];
