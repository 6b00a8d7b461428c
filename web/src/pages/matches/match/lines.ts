// The list of moves: a line for each action, fault and takeover, in the log's order.

import type { Fault, MatchRecord, Move, Takeover } from './record';

/** `shows`: the position that it led to, or at which it happened. */
export type Line =
  | { what: 'move'; shows: number; first: boolean; move: Move }
  | { what: 'fault'; shows: number; fault: Fault }
  | { what: 'takeover'; shows: number; takeover: Takeover };

/** All lines. first: the first one of its step, which bears the number. */
export function linesOf(record: MatchRecord): Line[] {
  const lines: Line[] = [];
  const faults = [...record.faults];
  const takeovers = [...record.takeovers];
  for (let ply = 0; ply <= record.steps.length; ply += 1) {
    while (takeovers[0] && takeovers[0].ply <= ply)
      lines.push({ what: 'takeover', shows: ply, takeover: takeovers.shift() as Takeover });
    while (faults[0] && faults[0].ply <= ply) lines.push({ what: 'fault', shows: ply, fault: faults.shift() as Fault });
    record.steps[ply]?.moves.forEach((move, index) => {
      lines.push({ what: 'move', shows: ply + 1, first: index === 0, move });
    });
  }
  return lines;
}

/** The line that stands for a position: the first of the step that led there. -1: none does. */
export function lineAt(lines: readonly Line[], ply: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.shows ?? 0) < ply) low = middle + 1;
    else high = middle;
  }
  for (let index = low; index < lines.length && lines[index]?.shows === ply; index += 1)
    if (lines[index]?.what === 'move') return index;
  return -1;
}

/** An action in a few characters; of text its first line. null: kept back while the match is played. */
export function actionText(action: unknown): string | null {
  if (action === undefined || action === null) return null;
  if (typeof action === 'string') return action.replace(/\s+/g, ' ').trim();
  if (typeof action === 'number') return figure(action);
  if (Array.isArray(action)) return `[${action.map((part) => actionText(part) ?? '–').join(', ')}]`;
  return JSON.stringify(action);
}

const figure = (value: number) => (Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4))));
