import { Alert, Anchor, Group, Paper, Stack, Text } from '@mantine/core';
import { IconBan, IconFlag, IconTrophy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { number } from '@/parts/format';
import type { Details } from './following';
import type { End, Fault, MatchRecord } from './record';
import { SeatName, useSeatName } from './seats';
import { firstPlaces, forfeitOf, isDrawn } from './words';

/** What came of a match, and why: nothing as long as it goes on. */
export function Result({
  details,
  record,
  seek,
}: {
  details: Details;
  record: MatchRecord;
  seek: (ply: number) => void;
}) {
  if (!record.end) return null;
  if (record.end.kind === 'voided') return <Voided end={record.end} />;
  const forfeit = forfeitOf(record);
  return (
    <Paper withBorder px="md" py="sm">
      <Stack gap={4}>
        <Places details={details} record={record} />
        {forfeit && <Forfeit fault={forfeit} seek={seek} />}
      </Stack>
    </Paper>
  );
}

function Voided({ end }: { end: Extract<End, { kind: 'voided' }> }) {
  const { t } = useTranslation('match');
  const known = ['crashed', 'diverged', 'unplayable', 'cancelled', 'abandoned'] as const;
  const cause = known.find((one) => one === end.cause);
  return (
    <Alert color="gray" icon={<IconBan aria-hidden />} title={t('voided.title')}>
      <Text size="sm">{cause ? t(`voided.${cause}`) : end.cause}</Text>
      {end.detail && (
        <Text size="sm" c="dimmed" mt={4} style={{ overflowWrap: 'anywhere' }}>
          {end.detail}
        </Text>
      )}
    </Alert>
  );
}

function Places({ details, record }: { details: Details; record: MatchRecord }) {
  const { t } = useTranslation('match');
  if (record.end?.kind !== 'ended') return null;
  const first = firstPlaces(details, record);
  const drawn = isDrawn(details, first);
  const alone = record.end.results[0];
  return (
    <Group gap="xs">
      {drawn ? <IconFlag size={20} aria-hidden /> : <IconTrophy size={20} aria-hidden />}
      {details.seats.length === 1 ? (
        <Text fw={600}>{t('result.score', { score: number(alone?.score ?? 0, decimals(alone?.score ?? 0)) })}</Text>
      ) : (
        <>
          {first.slice(0, 4).map((seat) => (
            <Text key={seat} component="div" maw="100%">
              <SeatName seat={seat} />
            </Text>
          ))}
          {first.length > 4 && <Text>+{number(first.length - 4)}</Text>}
          <Text fw={600}>{t(drawn ? 'result.drawn' : 'result.won')}</Text>
        </>
      )}
    </Group>
  );
}

function Forfeit({ fault, seek }: { fault: Fault; seek: (ply: number) => void }) {
  const { t } = useTranslation('match');
  const named = useSeatName();
  return (
    <Text size="sm" c="dimmed">
      {t('result.forfeit', { name: named(fault.seat), why: t(`cause.${fault.cause}`) })}{' '}
      <Anchor component="button" type="button" inherit onClick={() => seek(fault.ply)}>
        {t('result.see', { ply: number(fault.ply + 1) })}
      </Anchor>
    </Text>
  );
}

export const decimals = (value: number) => (Number.isInteger(value) ? 0 : 2);
