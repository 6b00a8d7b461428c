import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useReducer, useRef } from 'react';
import { type Length, type Playback, type Press, pressed, shownPly, staysMs } from './playback';
import type { MatchRecord } from './record';

const WRITE_MS = 300; // browsers refuse addresses that change with every frame

type Pressed = { press: Press; length: Length };

/** Where one looks at, kept in the address once it rests. */
export function usePlayer(record: MatchRecord) {
  const search = useSearch({ from: '/matches/$match' });
  const length = { last: record.steps.length, over: record.end !== null };
  const [playback, send] = useReducer(
    (before: Playback, { press, length }: Pressed) => pressed(before, press, length),
    { ply: search.ply ?? null, playing: false, speed: '1' } satisfies Playback as Playback,
  );
  const now = useRef(length);
  now.current = length;
  const press = useCallback((press: Press) => send({ press, length: now.current }), []);
  useAddress(playback, search.ply, press);
  return { playback, press, ply: shownPly(playback, length.last), ...length };
}

/** The address says the ply, and a ply that is said by it is gone to: by a link, or the browser's own buttons. */
function useAddress(playback: Playback, said: number | undefined, press: (press: Press) => void) {
  const navigate = useNavigate({ from: '/matches/$match' });
  const written = useRef(said);
  const { ply, playing } = playback;
  useEffect(() => {
    if (playing || (ply ?? undefined) === written.current) return;
    const timer = setTimeout(() => {
      written.current = ply ?? undefined;
      void navigate({
        search: (before) => ({ ...before, ply: ply ?? undefined }),
        replace: true,
        resetScroll: false,
      });
    }, WRITE_MS);
    return () => clearTimeout(timer);
  }, [ply, playing, navigate]);
  useEffect(() => {
    if (said === written.current) return;
    written.current = said;
    press(said === undefined ? { press: 'newest' } : { press: 'seek', ply: said });
  }, [said, press]);
}

/** Goes on while it plays. ready: the position is drawn, and may be followed by the next. */
export function usePlaying(record: MatchRecord, playback: Playback, ready: boolean, press: (press: Press) => void) {
  const { playing, ply, speed } = playback;
  const stays = playing && ply !== null ? staysMs(record, ply, speed) : 0;
  useEffect(() => {
    if (!playing || ply === null || !ready) return;
    const timer = setTimeout(() => press({ press: 'tick' }), stays);
    return () => clearTimeout(timer);
  }, [playing, ply, stays, ready, press]);
}
