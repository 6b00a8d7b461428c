import { Badge, Group, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { Ago } from '@/parts/format';
import { TextLink } from '@/parts/links';
import { AgentName, Change, GameName, Outcome, resultOf } from '@/parts/names';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';
import type { Me } from '@/session';
import { lastSeen, seenNow } from './seen';

const SHOWN_MAX = 12;
const EVERY_MS = 5_000;
const PLACE_PX = 300;

/** What happened to my agents, newest first; what is new since the last visit is marked. */
export function Since({ me }: { me: Me }) {
  const { t } = useTranslation('home');
  const [since] = useState(() => lastSeen(me.id));
  useEffect(() => () => seenNow(me.id), [me.id]);
  useEffect(() => {
    const leave = () => seenNow(me.id);
    window.addEventListener('pagehide', leave);
    return () => window.removeEventListener('pagehide', leave);
  }, [me.id]);
  const query = $api.useQuery(
    'get',
    '/api/news',
    { params: { query: { limit: SHOWN_MAX } } },
    { refetchInterval: EVERY_MS },
  );
  return (
    <Section
      title={t('news.title')}
      actions={
        <TextLink to="/matches" search={{ user: me.id }} size="sm">
          {t('news.all')}
        </TextLink>
      }
    >
      <Await query={query} height={PLACE_PX}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('news.none')}>{t('news.noneNote')}</Empty>
          ) : (
            <Stack gap={10} component="ul" p={0} m={0}>
              {items.map((item) => (
                <Group
                  key={`${item.kind} ${item.key}`}
                  component="li"
                  justify="space-between"
                  wrap="nowrap"
                  gap="sm"
                  align="flex-start"
                >
                  <Told item={item} />
                  <Group gap={6} wrap="nowrap">
                    {item.at_ms > since && (
                      <Badge size="xs" color="ember" variant="light">
                        {t('news.new')}
                      </Badge>
                    )}
                    <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                      <Ago at={item.at_ms} />
                    </Text>
                  </Group>
                </Group>
              ))}
            </Stack>
          )
        }
      </Await>
    </Section>
  );
}

function Told({ item }: { item: Shown<'News'> }) {
  const { t } = useTranslation('home');
  if (item.kind === 'match' && item.match) return <Played match={item.match} own={item.agents} />;
  if (item.kind === 'fault' && item.fault)
    return (
      <Text size="sm">
        <Badge size="sm" color="red" variant="light" mr={6}>
          {t('news.fault')}
        </Badge>
        <TextLink to="/matches/$match" params={{ match: item.fault.match }} search={{ ply: item.fault.ply }} size="sm">
          {t('news.faultAt', { cause: item.fault.cause, ply: item.fault.ply })}
        </TextLink>
      </Text>
    );
  if (item.kind === 'quarantine' && item.quarantine)
    return (
      <Text size="sm">
        <Badge size="sm" color="orange" variant="light" mr={6}>
          {t('news.quarantine')}
        </Badge>
        <GameName game={item.quarantine.game} /> – {item.quarantine.why}
      </Text>
    );
  return <Text size="sm">{item.announcement?.text}</Text>;
}

function Played({ match, own }: { match: Shown<'Match'>; own: string[] }) {
  const { t } = useTranslation('home');
  const seat = match.seats.find((one) => own.includes(one.agent));
  if (!seat) return null;
  const others = match.seats.filter((one) => one.seat !== seat.seat);
  return (
    <Group gap={6} miw={0}>
      {match.status === 'voided' ? (
        <Badge size="sm" color="gray" variant="light">
          {t('news.voided')}
        </Badge>
      ) : (
        <Outcome result={resultOf(match, seat.seat)} place={seat.placement} />
      )}
      <AgentName id={seat.agent} name={seat.agent_name} />
      <TextLink to="/matches/$match" params={{ match: match.id }} size="sm">
        {others.length === 1 && others[0]
          ? t('news.against', { name: others[0].agent_name ?? others[0].agent })
          : t('news.match')}
      </TextLink>
      <Text size="sm" component="span">
        <GameName game={match.game} />
      </Text>
      <Change before={seat.mu_before} after={seat.mu_after} />
    </Group>
  );
}
