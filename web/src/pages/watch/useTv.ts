import { useEffect, useRef, useState } from 'react';
import type { Place } from './wall';

const ROTATED_EVERY_MS = 20_000;
const KEYS_TOLD_MS = 5_000;

/** Which match is in front: the next one after a while, after its end, or by an arrow key; a space keeps it there. */
export function useRotation(places: readonly Place[]) {
  const [wanted, want] = useState<string | null>(null);
  const [paused, setPaused] = useState(false);
  const [told, tell] = useState(true);
  const matches = places.map((place) => place.item.match);
  const at = Math.max(0, wanted === null ? 0 : matches.indexOf(wanted));
  const front = matches[at] ?? null;
  const turn = useRef((_steps: number) => {});
  turn.current = (steps) => want(matches[(at + steps + matches.length) % Math.max(1, matches.length)] ?? null);

  // The match in front is remembered, so that another one that leaves its place does not move it.
  useEffect(() => want(front), [front]);
  useEffect(() => {
    if (paused || front === null) return;
    const timer = setTimeout(() => turn.current(1), ROTATED_EVERY_MS);
    return () => clearTimeout(timer);
  }, [paused, front]);
  useEffect(() => {
    const timer = setTimeout(() => tell(false), KEYS_TOLD_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'ArrowRight' || event.key === 'ArrowDown') turn.current(1);
      else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') turn.current(-1);
      else if (event.key === ' ') setPaused((now) => !now);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return { front, paused, told };
}

/** The whole screen while this is shown, where the browser allows it. Escape leaves, with or without it. */
export function useFullScreen(leave: () => void) {
  const left = useRef(leave);
  left.current = leave;
  useEffect(() => {
    const onChange = () => {
      if (!document.fullscreenElement) left.current();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') left.current();
    };
    document.addEventListener('fullscreenchange', onChange);
    window.addEventListener('keydown', onKey);
    // Without a press of a key or button (an address with ?tv) it is refused: then it fills the window.
    if (!document.fullscreenElement) document.documentElement.requestFullscreen?.().catch(() => {});
    return () => {
      document.removeEventListener('fullscreenchange', onChange);
      window.removeEventListener('keydown', onKey);
      if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    };
  }, []);
  useAwake();
}

/** The screen does not go dark meanwhile. */
function useAwake() {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let gone = false;
    navigator.wakeLock?.request('screen').then(
      (got) => {
        lock = got;
        if (gone) void got.release();
      },
      () => {},
    );
    return () => {
      gone = true;
      void lock?.release();
    };
  }, []);
}
