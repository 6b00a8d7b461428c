import { Grid, Paper, Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { isProblem } from '@/api/problem';
import { ButtonLink } from '@/parts/links';
import { Page } from '@/parts/Page';
import { Empty, Failed, Loading } from '@/parts/states';
import { useMe } from '@/session';
import { Actions, useVerification, VerifyProblem } from './match/Actions';
import { Below } from './match/Below';
import { Controls } from './match/Controls';
import { type Details, useDetails, useRecord, useRevealed } from './match/following';
import { useFrame } from './match/frames';
import { usePlayerKeys } from './match/keys';
import { Moves } from './match/Moves';
import { Note } from './match/Note';
import { Position } from './match/Position';
import { follows } from './match/playback';
import { usePlayer, usePlaying } from './match/player';
import { Result } from './match/Result';
import type { MatchRecord } from './match/record';
import { SeatList } from './match/SeatList';
import { SeatNames, useSeatNames } from './match/seats';
import { isOver } from './match/settling';
import { useTalk } from './match/talk';

const { useParams } = getRouteApi('/matches/$match');

/** One match, while it is played and ever after: a fold of its events, looked at from any position. */
export function Match() {
  const { match } = useParams();
  useTranslation(['match', 'boards']); // all texts before anything is followed
  return <Found key={match} match={match} />;
}

function Found({ match }: { match: string }) {
  const { t } = useTranslation('match');
  const following = useRecord(match);
  const details = useDetails(match, following.record.end !== null);
  useRevealed(following, details.data);
  const { log, record } = following;
  if (details.data && log.data)
    return (
      <SeatNames value={details.data.seats}>
        <Looking details={details.data} record={record} />
      </SeatNames>
    );
  if (isProblem(details.error, 404))
    return (
      <Page title={t('title')}>
        <Empty title={t('unknown.title')}>
          <p>{t('unknown.note')}</p>
          <ButtonLink to="/matches" variant="default">
            {t('unknown.all')}
          </ButtonLink>
        </Empty>
      </Page>
    );
  const error = details.error ?? log.error;
  const retry = () => void Promise.all([details.refetch(), log.refetch()]);
  return <Page title={t('title')}>{error ? <Failed error={error} retry={retry} /> : <Loading height={600} />}</Page>;
}

function Looking({ details, record }: { details: Details; record: MatchRecord }) {
  const { t } = useTranslation('match');
  const { playback, press, ply, last, over } = usePlayer(record);
  const seek = useMemo(() => (to: number) => press({ press: 'seek', ply: to }), [press]);
  const following = follows(playback, { last, over });
  const shown = useShown(details);
  const position = useFrame({ match: details.id, ply, last, over, open: shown.open, following });
  usePlaying(record, playback, position.ready, press);
  usePlayerKeys(press);
  const utterances = useTalk(details.id, over);
  const spoken = useMemo(() => new Set(utterances.map((one) => `${one.ply} ${one.seat}`)), [utterances]);
  const [verify, setVerify] = useState(false);
  const verification = useVerification(details.id, verify);
  const asked = position.frame?.ply === last ? position.frame.to_act : [];
  const looked = { details, record, ply, seek };
  return (
    <Page
      title={useTitle(details, shown.title)}
      note={<Note details={details} record={record} />}
      actions={
        <Actions
          {...{ match: details.id, ply, over, verification }}
          verify={() => (verify ? void verification.refetch() : setVerify(true))}
        />
      }
    >
      <VerifyProblem verification={verification} />
      <Result details={details} record={record} seek={seek} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Paper withBorder component="section" aria-label={t('board.label')}>
            <Position
              match={details.id}
              frame={position.frame}
              error={position.error}
              retry={position.retry}
              hidden={shown.hidden ? t('hidden.note') : position.refused && !position.frame ? position.refused : ''}
              pictures={shown.pictures}
              label={shown.title}
            />
            <Controls
              {...{ playback, ply, last, over, following, press }}
              faults={record.faults.map((fault) => fault.ply)}
            />
          </Paper>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack h="100%" gap="md">
            <SeatList {...looked} thinking={following ? asked : []} />
            <Moves record={record} ply={ply} spoken={spoken} seek={seek} />
          </Stack>
        </Grid.Col>
      </Grid>
      <Below {...looked} utterances={utterances} following={following} own={useOwnSeats(details)} />
    </Page>
  );
}

/** Who plays; of many, what. */
function useTitle({ seats }: Details, game: string): string {
  const { t } = useTranslation('match');
  const names = useSeatNames();
  return seats.length <= 2 ? names.join(' – ') : t('titleOfMany', { game, count: seats.length });
}

/** What of a match can be seen now. */
function useShown(details: Details) {
  const { data: games } = $api.useQuery('get', '/api/games', {}, { staleTime: 300_000 });
  const game = games?.find((one) => one.name === details.game);
  const open = isOver(details.status) || game?.details.perfect_information === true;
  return {
    title: game?.title ?? details.game,
    open,
    hidden: games !== undefined && !open,
    pictures: game?.details.frames === true,
  };
}

/** Seats whose private trail the viewer may see. */
function useOwnSeats(details: Details): number[] {
  const me = useMe();
  return details.seats.filter((seat) => me && (seat.owner === me.id || me.role === 'admin')).map((seat) => seat.seat);
}
