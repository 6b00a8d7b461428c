// Clocks as people read them.

import type { Clock } from './record';

/** What a seat has left for the turn that is open, in milliseconds. null: nothing limits it. */
export function leftMs(clock: Clock, bank: number, elapsed: number): number | null {
  const limits = [];
  if (clock.move_ms > 0) limits.push(clock.move_ms);
  if (clock.bank_ms > 0) limits.push(bank);
  return limits.length === 0 ? null : Math.max(0, Math.min(...limits) - elapsed);
}

/** "1:04:09", "4:09", and below twenty seconds "0:09.3". ms: not negative. */
export function clockText(ms: number): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  if (ms < 20_000) return `0:${(Math.floor(ms / 100) / 10).toFixed(1).padStart(4, '0')}`;
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${pad(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}
