import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Ago, number } from '@/parts/format';
import { GameName, Status } from '@/parts/names';
import type { Details } from './following';
import type { MatchRecord } from './record';
import { isPending } from './settling';

/** How far a match is, in a line. */
export function Note({ details, record }: { details: Details; record: MatchRecord }) {
  const { t } = useTranslation('match');
  const status = record.end?.kind ?? (record.begun_ms === null ? details.status : 'running');
  return (
    <Group gap="xs" mt={4}>
      <Status status={status} />
      {!details.rated && <Badge variant="default">{t('unrated')}</Badge>}
      {isPending(details) && <Badge variant="default">{t('pending', { count: details.block_matches.length })}</Badge>}
      <Text size="sm">
        <GameName game={details.game} />
      </Text>
      <Text size="sm">
        {t('plies', { count: record.steps.length, shown: number(record.steps.length) })} ·{' '}
        <Ago at={details.ended_ms ?? details.started_ms ?? details.created_ms} />
      </Text>
    </Group>
  );
}
