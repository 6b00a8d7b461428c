import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { current } from '@/i18n';

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 30],
  ['month', 12],
  ['year', Number.POSITIVE_INFINITY],
];

/** "3 minutes ago". at: milliseconds since the epoch. */
export function ago(at: number, now = Date.now()): string {
  let amount = (at - now) / 1000;
  const format = new Intl.RelativeTimeFormat(current(), { numeric: 'auto', style: 'short' });
  for (const [unit, next] of STEPS) {
    if (Math.abs(amount) < next) return format.format(Math.trunc(amount), unit);
    amount /= next;
  }
  return '';
}

export const moment = (at: number) =>
  new Intl.DateTimeFormat(current(), { dateStyle: 'medium', timeStyle: 'medium' }).format(at);

export const number = (value: number, digits = 0) =>
  new Intl.NumberFormat(current(), { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);

/** 12,345 -> 12.3K. */
export const short = (value: number) =>
  new Intl.NumberFormat(current(), { notation: 'compact', maximumFractionDigits: 1 }).format(value);

/** share: 0 to 1. */
export const percent = (share: number, digits = 0) =>
  new Intl.NumberFormat(current(), { style: 'percent', maximumFractionDigits: digits }).format(share);

/** "850 ms", "2.4 s", "3 min 20 s". ms: milliseconds. */
export function duration(ms: number): string {
  if (ms < 1) return `${number(ms, 2)} ms`;
  if (ms < 1_000) return `${number(ms)} ms`;
  if (ms < 60_000) return `${number(ms / 1_000, ms < 10_000 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

/** When something was, told as people do; the exact time is in its title. It goes on counting. */
export function Ago({ at }: { at: number }) {
  const [, tick] = useState(0);
  useTranslation();
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 15_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Text component="time" dateTime={new Date(at).toISOString()} title={moment(at)} inherit span>
      {ago(at)}
    </Text>
  );
}

/** A rating's middle and how sure it is. sigma: one standard deviation. */
export function Rating({ mu, sigma }: { mu: number | null | undefined; sigma: number | null | undefined }) {
  const { t } = useTranslation();
  if (mu == null || sigma == null) return <span>–</span>;
  const label = t('rating.interval', { low: number(mu - 1.96 * sigma, 1), high: number(mu + 1.96 * sigma, 1) });
  return (
    <Text span inherit title={label} style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>
      {number(mu, 1)}
      <Text span c="dimmed" size="xs">
        {' ±'}
        {number(1.96 * sigma, 1)}
      </Text>
    </Text>
  );
}
