import { Alert, Badge, Code, DataList, Group, List, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { duration, moment, number } from '@/parts/format';
import { Section } from '@/parts/Page';
import { type Details, detailsOf, sideOf } from './details';
import { Mounting } from './Mounting';
import { Spaces } from './Spaces';

type ShownGame = Shown<'ShownGame'>;

/** What one must know to play a game, and what the platform found when it tried it. */
export function Rules({ game }: { game: ShownGame }) {
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: 'start' }}>
      <Stack gap="md">
        <Play game={game} details={detailsOf(game)} />
        <Mounting game={game} />
      </Stack>
      <Stack gap="md">
        <Spaces game={game} />
        <Examined game={game} details={detailsOf(game)} />
      </Stack>
    </SimpleGrid>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue miw={0}>{children}</DataList.ItemValue>
    </DataList.Item>
  );
}

function Play({ game, details }: { game: ShownGame; details: Details }) {
  const { t } = useTranslation('games');
  const { clock, faults } = details;
  return (
    <Section title={t('rules.title')}>
      <DataList withDivider labelWidth="130px">
        <Row label={t('rules.seats')}>
          {t('seats', { count: game.seats })}
          {details.kind === 'parallel' && game.seats > 1 && ` · ${t('rules.simultaneous')}`}
        </Row>
        {game.seats > 1 && (
          <Row label={t('rules.side')}>
            {t(`side.${sideOf(details)}`)}
            {details.teams.length > 0 && `: ${details.teams.map((team) => team.join(' + ')).join(t('rules.against'))}`}
          </Row>
        )}
        <Row label={t('rules.sight')}>{t(details.perfect_information ? 'rules.open' : 'rules.hidden')}</Row>
        <Row label={t('rules.clock')}>
          {clock.move_ms > 0 && t('rules.move', { time: duration(clock.move_ms) })}
          {clock.move_ms > 0 && clock.bank_ms > 0 && ' · '}
          {clock.bank_ms > 0 &&
            t('rules.bank', { time: duration(clock.bank_ms), increment: duration(clock.increment_ms) })}
          {clock.progress_ms > 0 && ` · ${t('rules.progress', { time: duration(clock.progress_ms) })}`}
        </Row>
        <Row label={t('rules.faults')}>
          {t('rules.strikes', { count: faults.strikes_max })}{' '}
          {t('rules.gone', { time: duration(faults.gone_grace_ms) })}{' '}
          {game.seats > 1 && t(faults.plays_on ? 'rules.playsOn' : 'rules.ends')}
        </Row>
        <Row label={t('rules.length')}>
          {details.plies_max > 0
            ? t('rules.pliesMax', { count: details.plies_max, shown: number(details.plies_max) })
            : t('rules.noLimit')}
          {game.admission && ` · ${t('rules.usual', { shown: number(game.admission.plies_mean) })}`}
        </Row>
        <Row label={t('rules.rating')}>{t(`rules.by.${game.rating}`)}</Row>
        <Row label={t('rules.memory')}>{t(details.full_observation ? 'rules.whole' : 'rules.history')}</Row>
      </DataList>
    </Section>
  );
}

function Examined({ game, details }: { game: ShownGame; details: Details }) {
  const { t } = useTranslation('games');
  const { admission } = game;
  const changed = admission !== null && admission.version !== details.version;
  return (
    <Section
      title={t('admission.title')}
      actions={
        admission && (
          <Badge color={admission.admitted ? 'teal' : 'red'} variant="light">
            {t(admission.admitted ? 'admission.yes' : 'admission.no')}
          </Badge>
        )
      }
    >
      <Stack gap="sm">
        {changed && (
          <Alert color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />}>
            {t('admission.changed')}
          </Alert>
        )}
        {admission ? <Report admission={admission} details={details} /> : <Text size="sm">{t('admission.none')}</Text>}
        <DataList withDivider labelWidth="130px">
          <Row label={t('admission.environment')}>
            <Code style={{ overflowWrap: 'anywhere' }}>{details.environment}</Code>
          </Row>
          <Row label={t('admission.version')}>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {details.version}
            </Text>
          </Row>
        </DataList>
      </Stack>
    </Section>
  );
}

function Report({ admission, details }: { admission: Shown<'Admission'>; details: Details }) {
  const { t } = useTranslation('games');
  return (
    <>
      <Group gap="xl">
        <Figure label={t('admission.plies')} value={number(admission.plies_mean)} />
        <Figure label={t('admission.step')} value={duration(admission.step_us / 1_000)} />
        <Figure label={t('admission.turn')} value={t('admission.bytes', { shown: number(admission.turn_bytes) })} />
      </Group>
      <Text size="sm">
        {admission.deterministic
          ? t(`admission.deterministic.${details.determinism}`)
          : t('admission.deterministic.none')}{' '}
        <Text span c="dimmed" inherit>
          {t('admission.at', { at: moment(admission.at_ms) })}
        </Text>
      </Text>
      {[...admission.problems, ...admission.warnings].length > 0 && (
        <List size="sm" spacing={4}>
          {admission.problems.map((problem) => (
            <List.Item key={problem} c="red">
              {plain(problem)}
            </List.Item>
          ))}
          {admission.warnings.map((warning) => (
            <List.Item key={warning} c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {plain(warning)}
            </List.Item>
          ))}
        </List>
      )}
    </>
  );
}

const Figure = ({ label, value }: { label: string; value: string }) => (
  <div>
    <Text size="xs" c="dimmed">
      {label}
    </Text>
    <Text fw={600}>{value}</Text>
  </div>
);

/** Without the colours that some packages write for terminals. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is how they begin
const plain = (text: string) => text.replace(/\u001b\[[0-9;]*m/g, '');
