import { ActionIcon, Alert, Group, Slider, Text, Tooltip } from '@mantine/core';
import {
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipBack,
  IconPlayerTrackNext,
  IconPlayerTrackPrev,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { BoardView, boardOf } from '@/boards';
import { useFrame } from '@/pages/matches/match/frames';
import { useRefusal } from '@/parts/refusal';
import { Loading } from '@/parts/states';
import classes from './games.module.css';

const STEP_MS = 700;

interface Props {
  match: Shown<'Match'>;
  title: string;
  /** The ply that is shown first. */
  first: number;
  /** Called when the person rests at a ply. */
  keep: (ply: number) => void;
}

/** A match that is over, played again: play, pause, scrub. */
export function Player({ match, title, first, keep }: Props) {
  const { t } = useTranslation('games');
  const refusal = useRefusal();
  const [ply, setPly] = useState(first);
  const [playing, setPlaying] = useState(false);
  const { frame, error } = useFrame({
    match: match.id,
    ply,
    last: match.plies,
    over: true,
    open: true,
    following: false,
  });
  const seats = match.seats.map((seat) => seat.agent_name ?? seat.agent);
  const rest = (at: number) => {
    setPlaying(false);
    setPly(at);
    keep(at);
  };
  useEffect(() => {
    if (!playing || !frame || frame.ply !== ply) return; // it waits for what is on its way
    const timer = setTimeout(() => (ply < match.plies ? setPly(ply + 1) : setPlaying(false)), STEP_MS);
    return () => clearTimeout(timer);
  }, [playing, frame, ply, match.plies]);
  const play = () => {
    if (playing) return rest(ply);
    if (ply >= match.plies) setPly(0);
    setPlaying(true);
  };
  if (error && !frame) {
    return (
      <Alert color="yellow" variant="light" title={t('replay.cannot')}>
        {refusal(error)}
      </Alert>
    );
  }
  return (
    <>
      <div className={classes.stage}>
        {frame ? <BoardView board={boardOf(frame)} label={title} seats={seats} size="box" /> : <Loading height={300} />}
      </div>
      <Group gap="xs" mt="sm" wrap="nowrap">
        <Control label={t('replay.again')} Icon={IconPlayerSkipBack} press={() => rest(0)} off={ply === 0} />
        <Control label={t('replay.back')} Icon={IconPlayerTrackPrev} press={() => rest(ply - 1)} off={ply === 0} />
        <Control
          label={t(playing ? 'replay.pause' : 'replay.play')}
          Icon={playing ? IconPlayerPauseFilled : IconPlayerPlayFilled}
          press={play}
          main
        />
        <Control
          label={t('replay.on')}
          Icon={IconPlayerTrackNext}
          press={() => rest(ply + 1)}
          off={ply >= match.plies}
        />
        <Slider
          flex={1}
          mx="xs"
          min={0}
          max={Math.max(match.plies, 1)}
          value={ply}
          onChange={(at) => {
            setPlaying(false);
            setPly(at);
          }}
          onChangeEnd={rest}
          label={null}
          thumbLabel={t('replay.scrub')}
        />
      </Group>
      <Text size="sm" c="dimmed" ta="right" style={{ fontVariantNumeric: 'tabular-nums' }}>
        {t('replay.at', { ply, plies: match.plies })}
      </Text>
    </>
  );
}

interface ControlProps {
  label: string;
  Icon: typeof IconPlayerSkipBack;
  press: () => void;
  off?: boolean;
  main?: boolean;
}

function Control({ label, Icon, press, off, main }: ControlProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant={main ? 'filled' : 'default'} size="lg" onClick={press} disabled={off} aria-label={label}>
        <Icon size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
