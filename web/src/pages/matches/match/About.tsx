import { Code, CopyButton, Group, Stack, Table, Text, UnstyledButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { duration, moment, number } from '@/parts/format';
import { TextLink } from '@/parts/links';
import { Status } from '@/parts/names';
import type { Details } from './following';
import type { MatchRecord } from './record';
import type { Say } from './words';

/** Everything else that is known: why these agents met, the rules, who ran it, and what proves it. */
export function About({ details, record }: { details: Details; record: MatchRecord }) {
  const { t } = useTranslation('match');
  const claims = record.takeovers.filter((one) => one.of === 'match').length;
  const rows: [string, ReactNode][] = [
    [t('about.id'), <Copied key="id" text={details.id} />],
    [t('about.reason'), details.reason || '–'],
    [t('about.rated'), t(details.rated ? 'about.ratedYes' : 'about.ratedNo')],
    [t('about.created'), moment(details.created_ms)],
    [t('about.played'), played(details, t)],
    [t('about.plies'), number(record.steps.length)],
    [t('about.clock'), clockWords(details.clock, t)],
    [t('about.faultRule'), ruleWords(details.fault_rule, t)],
    [t('about.version'), details.game_version || '–'],
    [t('about.runner'), `${details.runner ?? '–'}${claims > 0 ? ` · ${t('about.takenOver', { count: claims })}` : ''}`],
    [t('about.seed'), details.seed === null ? t('about.seedHidden') : <Copied key="seed" text={details.seed} />],
    [t('about.digest'), details.digest ? <Copied key="digest" text={details.digest} /> : '–'],
    ...(details.block_matches.length > 0
      ? ([[t('about.block'), <Block key="block" details={details} />]] as [string, ReactNode][])
      : []),
  ];
  return (
    <Table variant="vertical" verticalSpacing={8} aria-label={t('tab.about')}>
      <Table.Tbody>
        {rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w={{ base: 120, sm: 220 }}>{name}</Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** The other matches that are one result with it. */
function Block({ details }: { details: Details }) {
  const { t } = useTranslation('match');
  return (
    <Stack gap={4} align="flex-start">
      <Text inherit>
        {t('about.blockNote', { count: details.block_matches.length })} {details.rated && t('about.blockRated')}
      </Text>
      {details.block_matches.map(({ id, status }) => (
        <Group key={id} gap={6}>
          <TextLink to="/matches/$match" params={{ match: id }}>
            {id}
          </TextLink>
          <Status status={status} />
        </Group>
      ))}
    </Stack>
  );
}

function Copied({ text }: { text: string }) {
  const { t } = useTranslation('match');
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <UnstyledButton onClick={copy} aria-label={t('about.copy', { text })}>
          <Group gap={6} wrap="nowrap">
            <Code>{text}</Code>
            {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          </Group>
        </UnstyledButton>
      )}
    </CopyButton>
  );
}

function played({ started_ms, ended_ms }: Details, t: Say): string {
  if (started_ms === null) return '–';
  if (ended_ms === null) return t('about.since', { at: moment(started_ms) });
  return t('about.took', { at: moment(started_ms), time: duration(ended_ms - started_ms) });
}

function clockWords(clock: Details['clock'], t: Say): ReactNode {
  if (!clock) return '–';
  const parts = [];
  if (clock.move_ms > 0) parts.push(t('rules.move', { time: duration(clock.move_ms) }));
  if (clock.bank_ms > 0) parts.push(t('rules.bank', { time: duration(clock.bank_ms) }));
  if (clock.increment_ms > 0) parts.push(t('rules.increment', { time: duration(clock.increment_ms) }));
  parts.push(t('rules.lag', { time: duration(clock.lag_ms_max) }));
  return <Text inherit>{parts.join(' · ')}</Text>;
}

function ruleWords(rule: Details['fault_rule'], t: Say): ReactNode {
  if (!rule) return '–';
  const parts = [
    t('rules.strikes', { count: rule.strikes_max }),
    t('rules.gone', { time: duration(rule.gone_grace_ms) }),
    t(rule.plays_on ? 'rules.playsOn' : 'rules.ends'),
  ];
  return <Text inherit>{parts.join(' · ')}</Text>;
}
