// What happened, in words that an owner understands. Texts are in locales/*/match.json.

import type { TFunction } from 'i18next';
import { duration, moment } from '@/parts/format';
import { readable } from './evidence';
import type { Details } from './following';
import type { Fault, MatchRecord } from './record';

export type Say = TFunction<'match'>;

/** A fault's facts, one after the other: what was expected, what came, and how the platform knows. */
export function factsOf(fault: Fault, t: Say): { name: string; text: string; code?: boolean }[] {
  const facts: { name: string; text: string; code?: boolean }[] = [];
  const answered = fault.replied_ms > 0;
  if (fault.expected) facts.push({ name: t('fault.expected'), text: fault.expected });
  if (fault.evidence)
    facts.push({ name: t(answered ? 'fault.sent' : 'fault.seen'), text: readable(fault.evidence), code: answered });
  if (fault.asked_ms)
    facts.push({
      name: t('fault.asked'),
      text: t('fault.askedText', { at: moment(fault.asked_ms), count: fault.sent }),
    });
  facts.push({
    name: t('fault.answer'),
    text: answered
      ? t('fault.answerText', { after: duration(fault.elapsed_ms), bytes: fault.reply_bytes })
      : t('fault.noAnswer', { after: duration(fault.elapsed_ms) }),
  });
  if (fault.connection) facts.push({ name: t('fault.connection'), text: t(`connection.${fault.connection}`) });
  if (fault.forgiven_ms > 0)
    facts.push({ name: t('fault.forgiven'), text: t('fault.forgivenText', { time: duration(fault.forgiven_ms) }) });
  return facts;
}

/** The forfeit that ended a match; of several the first. */
export const forfeitOf = (record: MatchRecord): Fault | undefined =>
  record.end?.kind === 'ended' && record.end.cause === 'forfeit'
    ? record.faults.find((fault) => fault.verdict === 'forfeited')
    : undefined;

/** Who was first, alone or with others; of teams, all of a team. */
export function firstPlaces(details: Details, record: MatchRecord): number[] {
  if (record.end?.kind !== 'ended') return [];
  const placed = record.end.results;
  const best = Math.min(...placed.map((one) => one.placement));
  return placed.filter((one) => one.placement === best && details.seats.length > 1).map((one) => one.seat);
}

/** Whether those in the first place share it with an opponent. */
export function isDrawn(details: Details, first: readonly number[]): boolean {
  const sides = new Set(first.map((seat) => details.seats.find((one) => one.seat === seat)?.team ?? `seat ${seat}`));
  return sides.size > 1;
}
