import { useEffect, useRef, useState } from 'react';
import { useLive } from '@/live/hooks';
import { beforePaint, forget } from '@/live/painting';
import { BEGINNING, type Following, followed } from './following';

/** Follow a running match by its board. null: nothing. What comes is shown with the next frame of the screen. */
export function useBoard(match: string | null): Following {
  const [shown, show] = useState({ match, following: BEGINNING });
  const newest = useRef(shown);
  if (newest.current.match !== match) newest.current = { match, following: BEGINNING };
  useLive(match ? { board: match } : null, (message) => {
    const following = followed(newest.current.following, message, performance.now());
    if (following === newest.current.following) return;
    newest.current = { match, following };
    beforePaint(newest, () => show(newest.current));
  });
  useEffect(() => () => void forget(newest), []);
  return shown.match === match ? shown.following : BEGINNING;
}
