import { type ComboboxData, Select, type SelectProps } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { useMe } from '@/session';

const SEARCH_MS = 250;
const SHOWN = 50;
const STALE_MS = 30_000;

interface Props extends Omit<SelectProps, 'data' | 'value' | 'onChange' | 'searchValue' | 'onSearchChange'> {
  /** Agents that are rated in it are offered, besides one's own. */
  game?: string;
  /** An agent's id. */
  value: string | undefined;
  choose: (agent: string | undefined) => void;
  /** Not offered. */
  without?: string;
}

/** An agent by its name: one's own, and those of a leaderboard, which is searched however long it is. */
export function AgentSelect({ game, value, choose, without, ...rest }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const { own, others, chosen, busy } = useFound(game, value, typed);
  const offered = (found: { value: string; label: string }[]) => found.filter((one) => one.value !== without);
  const data: ComboboxData = [
    { group: t('agents.mine'), items: offered(own) },
    { group: t('agents.leaderboard'), items: offered(others) },
    { group: t('agents.chosen'), items: chosen },
  ].filter((one) => one.items.length > 0);
  return (
    <Select
      {...rest}
      data={data}
      value={value ?? null}
      onChange={(agent) => choose(agent ?? undefined)}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options }) => options} // the platform has searched already
      nothingFoundMessage={busy ? t('state.loading') : t(game ? 'agents.none' : 'agents.noGame')}
      clearable
    />
  );
}

type Option = { value: string; label: string };

/** What is offered for what was typed, and the name of what is chosen. */
export function useFound(game: string | undefined, value: string | undefined, typed: string) {
  const me = useMe();
  const known = $api.useQuery(
    'get',
    '/api/agents/{agent_id}/profile',
    { params: { path: { agent_id: value ?? '' } } },
    { enabled: value !== undefined, staleTime: 300_000 },
  );
  // What stands there because it is chosen is not looked for.
  const [search] = useDebouncedValue(typed === known.data?.name ? '' : typed, SEARCH_MS);
  const mine = $api.useQuery(
    'get',
    '/api/agents',
    { params: { query: { search: search || undefined, limit: SHOWN } } },
    { enabled: Boolean(me), staleTime: STALE_MS, placeholderData: (before) => before },
  );
  const board = $api.useQuery(
    'get',
    '/api/games/{game}/leaderboard',
    { params: { path: { game: game ?? '' }, query: { search: search || undefined, limit: SHOWN } } },
    { enabled: game !== undefined, staleTime: STALE_MS, placeholderData: (before) => before },
  );
  const own: Option[] = (me && mine.data ? mine.data.items : []).map(({ id, name }) => ({ value: id, label: name }));
  const places = (game && board.data?.items) || [];
  const others: Option[] = places
    .filter((place) => own.every((one) => one.value !== place.agent))
    .map((place) => ({ value: place.agent, label: place.agent_name ?? place.agent }));
  const missing = value !== undefined && [...own, ...others].every((one) => one.value !== value);
  const chosen: Option[] = missing ? [{ value, label: known.data?.name ?? value }] : [];
  return { own, others, chosen, places, busy: mine.isFetching || board.isFetching };
}
