import { Alert } from '@mantine/core';
import { IconClockExclamation } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { moment } from '@/parts/format';
import { useRefusal } from '@/parts/refusal';

interface Query {
  data: unknown;
  error: unknown;
  dataUpdatedAt: number;
}

/** Says that what is shown is from before, where asking again fails. */
export function Stale({ query }: { query: Query }) {
  const { t } = useTranslation('operations');
  const refusal = useRefusal();
  if (!query.error || query.data === undefined) return null;
  return (
    <Alert color="yellow" variant="light" role="status" icon={<IconClockExclamation aria-hidden />} mb="sm">
      {t('stale', { at: moment(query.dataUpdatedAt), why: refusal(query.error) })}
    </Alert>
  );
}
