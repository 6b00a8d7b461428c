import { useState } from 'react';
import { $api } from '@/api/client';
import { useLive } from '@/live/hooks';
import { hear, type Piece, SILENCE, type Utterance } from './said';

/** What agents said beside their moves: word by word while the match goes on, then as it was put together. */
export function useTalk(match: string, over: boolean): Utterance[] {
  const [heard, setHeard] = useState(SILENCE);
  useLive(over ? null : { said: match }, (message) => {
    if (message.op === 'said') setHeard((talk) => hear(talk, message as unknown as Piece));
  });
  const path = { match_id: match };
  const { data } = $api.useQuery('get', '/api/matches/{match_id}/said', { params: { path } }, { enabled: over });
  return (over ? data : undefined) ?? heard.utterances;
}
