import { Badge, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { useGames } from '@/parts/names';
import { barredIn } from './presence';

/** That an agent gets no matches of some games for a while, and why. */
export function Quarantine({ agent }: { agent: Pick<Shown<'ShownAgent'>, 'quarantine'> }) {
  const { t } = useTranslation('agents');
  const titled = useGames();
  const barred = barredIn(agent, Date.now());
  if (barred.length === 0) return null;
  const label = barred.map(({ game, why }) => `${titled(game)?.title ?? game}: ${why}`).join('\n');
  return (
    <Tooltip label={label} multiline maw={360} style={{ whiteSpace: 'pre-line' }}>
      <Badge color="orange" variant="light" tabIndex={0}>
        {t('quarantined')}
      </Badge>
    </Tooltip>
  );
}
