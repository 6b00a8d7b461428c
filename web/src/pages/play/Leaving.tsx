import { Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Confirm } from '@/parts/Confirm';

/** Asks before a seat is left: a match that runs is lost. */
export function Leaving({ risky }: { risky: boolean }) {
  const { t } = useTranslation('play');
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => risky && current.pathname !== next.pathname,
    enableBeforeUnload: risky,
    withResolver: true,
  });
  return (
    <Confirm
      opened={status === 'blocked'}
      close={() => reset?.()}
      title={t('leaving.title')}
      label={t('leaving.leave')}
      color="red"
      run={async () => proceed?.()}
    >
      <Text size="sm">{t('leaving.note')}</Text>
    </Confirm>
  );
}
