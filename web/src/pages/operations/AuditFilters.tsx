import { Button, Group, Select, SimpleGrid, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { fromLocal, toLocal } from './localTime';
import type { Place } from './place';

const STATUSES = [200, 201, 202, 204, 400, 401, 403, 404, 409, 413, 429, 500, 503];
const TYPING_MS = 250;
const NOTHING: Place = {
  user: undefined,
  action: undefined,
  object: undefined,
  status: undefined,
  since: undefined,
  until: undefined,
};

interface Props {
  narrow: (change: Place) => void;
  /** Of the user who is looked for, as far as it is known. */
  name: string | undefined;
}

/** Which entries of the audit log are shown. */
export function AuditFilters({ narrow, name }: Props) {
  const { t } = useTranslation('operations');
  const { user, action, object, status, since, until } = useSearch({ from: '/operations' });
  const any = user ?? action ?? object ?? status ?? since ?? until;
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} mb="sm" spacing="sm">
        <UserFilter user={user} name={name} narrow={narrow} />
        <TextFilter
          label={t('audit.action')}
          value={action}
          chosen={(text) => narrow({ action: text })}
          example="POST /api/users"
        />
        <TextFilter label={t('audit.object')} value={object} chosen={(text) => narrow({ object: text })} />
        <Select
          label={t('audit.status')}
          placeholder={t('users.any')}
          clearable
          data={STATUSES.map(String)}
          value={status === undefined ? null : String(status)}
          onChange={(chosen) => narrow({ status: chosen ? Number(chosen) : undefined })}
        />
        <TextInput
          type="datetime-local"
          label={t('audit.since')}
          value={toLocal(since)}
          onChange={(event) => narrow({ since: fromLocal(event.currentTarget.value) })}
        />
        <TextInput
          type="datetime-local"
          label={t('audit.until')}
          value={toLocal(until)}
          onChange={(event) => narrow({ until: fromLocal(event.currentTarget.value) })}
        />
      </SimpleGrid>
      {any !== undefined && (
        <Group mb="sm">
          <Button size="compact-sm" variant="subtle" onClick={() => narrow(NOTHING)}>
            {t('audit.clear')}
          </Button>
        </Group>
      )}
    </>
  );
}

/** Typed text counts when the person pauses; what comes from elsewhere (a click, "back") is shown. */
function TextFilter(props: {
  label: string;
  value?: string;
  example?: string;
  chosen: (text: string | undefined) => void;
}) {
  const { label, value = '', example, chosen } = props;
  const [typed, setTyped] = useState({ text: value, of: value });
  const settle = useDebouncedCallback((text: string) => chosen(text.trim() || undefined), TYPING_MS);
  if (typed.of !== value) setTyped({ text: value, of: value });
  return (
    <TextInput
      label={label}
      placeholder={example}
      value={typed.text}
      onChange={(event) => {
        setTyped({ text: event.currentTarget.value, of: value });
        settle(event.currentTarget.value);
      }}
    />
  );
}

function UserFilter({ user, name, narrow }: { user?: string; name?: string; narrow: Props['narrow'] }) {
  const { t } = useTranslation('operations');
  const [search, setSearch] = useState('');
  const look = useDebouncedCallback(setSearch, TYPING_MS);
  const { data } = $api.useQuery(
    'get',
    '/api/users',
    { params: { query: { search: search || undefined, limit: 20 } } },
    { placeholderData: (before) => before },
  );
  const found = (data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  const own = user && !found.some(({ value }) => value === user) ? [{ value: user, label: name ?? user }] : [];
  return (
    <Select
      label={t('audit.who')}
      placeholder={t('users.any')}
      clearable
      searchable
      data={[...own, ...found]}
      filter={({ options }) => options}
      value={user ?? null}
      onSearchChange={look}
      onChange={(chosen) => narrow({ user: chosen ?? undefined })}
      nothingFoundMessage={t('users.none')}
    />
  );
}
