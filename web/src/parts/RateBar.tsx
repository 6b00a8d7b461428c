import { Progress, Text, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { percent } from './format';
import type { Rate } from './wilson';

/** As the API tells a rate of no matches. */
type Unknown = { rate: number | null; low: number; high: number };

/** A rate and the interval that holds the true one with 95 %, drawn from 0 to 100 %: the rate is where shades meet. */
export function RateBar({ of, width = 150 }: { of: Rate | Unknown | null; width?: number }) {
  const { t } = useTranslation();
  if (!of || of.rate === null) return <span>–</span>;
  const told = `${percent(of.rate)} (${percent(of.low)}–${percent(of.high)})`;
  return (
    <Tooltip label={t('rate.interval', { low: percent(of.low, 1), high: percent(of.high, 1) })}>
      <div style={{ width, maxWidth: '100%' }}>
        <Text size="sm" lh={1.2} style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>
          {told}
        </Text>
        <Interval low={of.low} middle={of.rate} high={of.high} />
      </div>
    </Tooltip>
  );
}

const SEEN = 0.02; // of the line: what is narrower could not be seen

/** A stretch of a line, and a point on it. All from 0 to 1. It says nothing by itself: the figures stand beside it. */
export function Interval({ low, middle, high }: { low: number; middle: number; high: number }) {
  const before = Math.min(low, 1 - SEEN);
  return (
    <Progress.Root size={6} mt={3} aria-hidden>
      <Progress.Section value={before * 100} color="transparent" withAria={false} />
      <Progress.Section value={Math.max(middle - before, SEEN / 2) * 100} color="slate.4" withAria={false} />
      <Progress.Section value={Math.max(high - middle, SEEN / 2) * 100} color="slate.7" withAria={false} />
    </Progress.Root>
  );
}
