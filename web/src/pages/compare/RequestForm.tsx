import { Alert, Button, Group, Input, NumberInput, SegmentedControl, Select, Stack, Switch, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api } from '@/api/client';
import { GameSelect } from '@/parts/GameSelect';
import { TextLink } from '@/parts/links';
import { notice } from '@/parts/notice';
import { Section } from '@/parts/Page';
import { useRefusal } from '@/parts/refusal';
import { Await } from '@/parts/states';
import { OpponentSelect } from './OpponentSelect';
import { bodyOf, COUNT_MAX, type Draft, RANGE_RATED_MIN, wrong } from './request';
import type { CompareSearch } from './search';

const OWN_SHOWN = 500;

/** Ask for matches of an agent of one's own. */
export function RequestForm({ search }: { search: CompareSearch }) {
  const own = $api.useQuery('get', '/api/agents', { params: { query: { limit: OWN_SHOWN } } });
  return (
    <Await query={own} height={480}>
      {({ items }) => <Form search={search} mine={items.map(({ id, name }) => ({ value: id, label: name }))} />}
    </Await>
  );
}

function Form({ search, mine }: { search: CompareSearch; mine: { value: string; label: string }[] }) {
  const { t } = useTranslation('compare');
  const refusal = useRefusal();
  const queries = useQueryClient();
  const [failed, setFailed] = useState('');
  const [busy, setBusy] = useState(false);
  const games = $api.useQuery('get', '/api/games', {}, { staleTime: 300_000 });
  const seatsOf = (name: string | null) => games.data?.find((game) => game.name === name)?.seats ?? 2;
  const form = useForm<Draft>({
    initialValues: firstDraft(
      search,
      mine.map((agent) => agent.value),
    ),
    validate: (draft) => {
      const found = Object.entries(wrong(draft, seatsOf(draft.game)));
      return Object.fromEntries(
        found.map(([field, what]) => [field, t(`wrong.${what}`, { count: seatsOf(draft.game) - 1 })]),
      );
    },
  });
  const seats = seatsOf(form.values.game);
  const ladder = games.data?.find((game) => game.name === form.values.game)?.rating ?? 'openskill';
  const byRating = seats > 1 && form.values.by === 'rating';

  const ask = async (draft: Draft) => {
    setBusy(true);
    setFailed('');
    try {
      await api.POST('/api/requests', { body: bodyOf(draft, seats) });
      await queries.invalidateQueries({ queryKey: ['get', '/api/requests'] });
      void notice({ message: t('request.asked', { count: Number(draft.count) }), color: 'teal' });
    } catch (error) {
      setFailed(refusal(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Section title={t('request.title')}>
      <form onSubmit={form.onSubmit(ask)} aria-label={t('request.title')} noValidate>
        <Stack gap="sm">
          <GameSelect
            label={t('request.game')}
            value={form.values.game ?? undefined}
            choose={(game) => form.setValues({ game: game ?? null, opponents: [] })}
            error={form.errors.game}
            clearable={false}
          />
          <Select
            label={t('request.agent')}
            description={t('request.agentNote')}
            data={mine}
            searchable
            allowDeselect={false}
            nothingFoundMessage={<TextLink to="/agents/new">{t('request.noAgent')}</TextLink>}
            {...form.getInputProps('agent')}
          />
          {seats > 1 && (
            <>
              <Input.Wrapper label={t('request.opponents')} labelElement="div" labelProps={{ id: 'request-by' }}>
                <SegmentedControl
                  fullWidth
                  aria-labelledby="request-by"
                  data={[
                    { value: 'name', label: t('request.byName') },
                    { value: 'rating', label: t('request.byRating') },
                  ]}
                  {...form.getInputProps('by')}
                />
              </Input.Wrapper>
              {byRating ? (
                <Group grow align="flex-start" gap="sm">
                  <NumberInput label={t('request.low')} decimalScale={1} {...form.getInputProps('low')} />
                  <NumberInput label={t('request.high')} decimalScale={1} {...form.getInputProps('high')} />
                </Group>
              ) : (
                <OpponentSelect
                  game={form.values.game ?? undefined}
                  without={form.values.agent ?? undefined}
                  label={t('request.names')}
                  value={form.values.opponents}
                  onChange={(agents) => form.setFieldValue('opponents', agents)}
                  error={form.errors.opponents}
                />
              )}
              {byRating && ladder === 'openskill' && (
                <Switch
                  label={t('request.rated')}
                  description={t('request.ratedNote', { width: RANGE_RATED_MIN })}
                  {...form.getInputProps('rated', { type: 'checkbox' })}
                />
              )}
            </>
          )}
          <NumberInput
            label={t('request.count')}
            min={1}
            max={COUNT_MAX}
            allowDecimal={false}
            thousandSeparator=" "
            {...form.getInputProps('count')}
          />
          {failed && (
            <Alert color="red" variant="light" role="alert">
              {failed}
            </Alert>
          )}
          <Button type="submit" loading={busy}>
            {t('request.ask')}
          </Button>
          <Text size="xs" c="dimmed">
            {t('request.rule')}
          </Text>
        </Stack>
      </form>
    </Section>
  );
}

/** What is compared is what is probably meant: an agent of one's own against the other. */
function firstDraft({ game, a, b }: CompareSearch, mine: string[]): Draft {
  const agent = [a, b].find((one) => one !== undefined && mine.includes(one)) ?? null;
  const opponent = [a, b].find((one) => one !== undefined && one !== agent && !(one === a && agent === null && b));
  return {
    game: game ?? null,
    agent: agent ?? (mine.length === 1 ? (mine[0] ?? null) : null),
    by: 'name',
    opponents: opponent ? [opponent] : [],
    low: '',
    high: '',
    count: 10,
    rated: false,
  };
}
