import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { duration } from '@/parts/format';

/** Why an agent is not matched yet, in the language of the reader; what we have no words for, as it was said. */
export function Why({ wait }: { wait: Shown<'Wait'> }) {
  const { t } = useTranslation('waiting');
  const { code, numbers = {} } = wait.reason ?? { code: 'quarantined' as const };
  if (code === 'quarantined') return wait.why;
  return t(code, {
    defaultValue: wait.why,
    ...numbers,
    count: numbers.needed ?? numbers.ahead ?? numbers.hourly_max,
    gap: numbers.gap?.toFixed(1),
    limit: numbers.limit?.toFixed(1),
    time: duration(numbers.wait_ms ?? 0),
  });
}
