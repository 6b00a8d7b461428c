import {
  Alert,
  Badge,
  Button,
  Group,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, type Shown } from '@/api/client';
import { isProblem } from '@/api/problem';
import { Confirm } from '@/parts/Confirm';
import { Ago, moment } from '@/parts/format';
import { notice } from '@/parts/notice';
import { Section } from '@/parts/Page';
import { useRefusal } from '@/parts/refusal';
import { Await, Empty } from '@/parts/states';
import { fromLocal, toLocal } from './localTime';

type Announcement = Shown<'Announcement'>;
const LEVELS = ['info', 'warning'] as const;
const TEXT_MAX = 2_000;
const HOUR_MS = 3_600_000;
const SPANS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS } as const;

/** What everybody is told. */
export function Announcing() {
  const { t } = useTranslation('operations');
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Section title={t('announcements.new')}>
        <Writing />
      </Section>
      <Section title={t('announcements.title')}>
        <InForce />
      </Section>
    </SimpleGrid>
  );
}

const useAgain = () => {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['get', '/api/announcements'] });
};

function Writing() {
  const { t } = useTranslation('operations');
  const refusal = useRefusal();
  const again = useAgain();
  const announce = $api.useMutation('post', '/api/announcements');
  const form = useForm({
    initialValues: { text: '', level: 'info' as Announcement['level'], until: '' },
    validate: {
      text: (text) => (text.trim() ? null : t('announcements.textMissing')),
      until: (until) => (until && (fromLocal(until) ?? 0) <= Date.now() ? t('announcements.untilPast') : null),
    },
  });
  const submit = form.onSubmit(async ({ text, level, until }) => {
    try {
      await announce.mutateAsync({ body: { text: text.trim(), level, until_ms: fromLocal(until) ?? null } });
    } catch (error) {
      if (isProblem(error, 400)) form.setFieldError('text', error.message);
      return;
    }
    form.reset();
    void notice({ message: t('announcements.said'), color: 'teal' });
    await again();
  });
  return (
    <form onSubmit={submit} aria-label={t('announcements.new')} noValidate>
      <Stack gap="sm">
        <Textarea
          label={t('announcements.text')}
          description={t('announcements.textNote')}
          autosize
          minRows={3}
          maxRows={10}
          maxLength={TEXT_MAX}
          {...form.getInputProps('text')}
        />
        <SegmentedControl
          aria-label={t('announcements.level')}
          data={LEVELS.map((value) => ({ value, label: t(`announcements.${value}`) }))}
          {...form.getInputProps('level')}
        />
        <TextInput
          type="datetime-local"
          label={t('announcements.until')}
          description={t('announcements.untilNote')}
          {...form.getInputProps('until')}
        />
        <Group gap={6}>
          {(['hour', 'day', 'week'] as const).map((span) => (
            <Button
              key={span}
              size="compact-xs"
              variant="default"
              onClick={() => form.setFieldValue('until', toLocal(Date.now() + SPANS[span]))}
            >
              {t(`announcements.span.${span}`)}
            </Button>
          ))}
          <Button size="compact-xs" variant="default" onClick={() => form.setFieldValue('until', '')}>
            {t('announcements.span.open')}
          </Button>
        </Group>
        {announce.error && !isProblem(announce.error, 400) && (
          <Alert color="red" variant="light" role="alert">
            {refusal(announce.error)}
          </Alert>
        )}
        <Group>
          <Button type="submit" loading={announce.isPending}>
            {t('announcements.announce')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function InForce() {
  const { t } = useTranslation('operations');
  const again = useAgain();
  const query = $api.useQuery(
    'get',
    '/api/announcements',
    { params: { query: { limit: 100 } } },
    { refetchInterval: 10_000 },
  );
  const [leaving, setLeaving] = useState<Announcement | null>(null);
  const withdraw = async (id: string) => {
    await api.DELETE('/api/announcements/{announcement_id}', { params: { path: { announcement_id: id } } });
    await again();
  };
  return (
    <>
      <Await query={query} height={240}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('announcements.none')}>{t('announcements.noneNote')}</Empty>
          ) : (
            <Stack component="ul" gap="md" p={0} m={0} style={{ listStyle: 'none' }}>
              {items.map((one) => (
                <One key={one.id} said={one} withdraw={() => setLeaving(one)} />
              ))}
            </Stack>
          )
        }
      </Await>
      <Confirm
        opened={leaving !== null}
        close={() => setLeaving(null)}
        title={t('announcements.ask')}
        label={t('announcements.withdraw')}
        color="red"
        run={async () => leaving && withdraw(leaving.id)}
      >
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {leaving?.text}
        </Text>
      </Confirm>
    </>
  );
}

function One({ said, withdraw }: { said: Announcement; withdraw: () => void }) {
  const { t } = useTranslation('operations');
  return (
    <li>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}>
            {said.text}
          </Text>
          <Group gap="xs" mt={4}>
            <Badge size="sm" variant="light" color={said.level === 'warning' ? 'orange' : 'blue'}>
              {t(`announcements.${said.level}`)}
            </Badge>
            <Text size="xs" c="dimmed">
              <Ago at={said.created_ms} />
              {' · '}
              {said.until_ms == null ? t('announcements.open') : t('announcements.ends', { at: moment(said.until_ms) })}
            </Text>
          </Group>
        </div>
        <Button size="compact-sm" variant="default" onClick={withdraw}>
          {t('announcements.withdraw')}
        </Button>
      </Group>
    </li>
  );
}
