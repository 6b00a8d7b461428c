import { MultiSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFound } from '@/parts/AgentSelect';
import { OPPONENTS_MAX } from './request';

interface Props {
  game: string | undefined;
  /** One's own agent that plays: not offered. */
  without: string | undefined;
  label: string;
  value: string[];
  onChange: (agents: string[]) => void;
  error?: React.ReactNode;
}

/** Agents who agreed to be asked for: one's own, the house's, and those open to everybody. */
export function OpponentSelect({ game, without, label, value, onChange, error }: Props) {
  const { t } = useTranslation('compare');
  const { t: shell } = useTranslation();
  const [typed, setTyped] = useState('');
  const [names, setNames] = useState<Record<string, string>>({});
  const first = value.find((agent) => !(agent in names));
  const { own, others, chosen, places } = useFound(game, first, typed);
  const closed = new Set(places.filter((one) => one.open_to === 'nobody' && !one.house).map((one) => one.agent));
  const known = new Map([...own, ...others, ...chosen].map((one) => [one.value, one.label]));
  const offered = [...own, ...others].filter(
    (one) => one.value !== without && (!closed.has(one.value) || own.includes(one)),
  );
  const missing = value
    .filter((agent) => offered.every((one) => one.value !== agent))
    .map((agent) => ({ value: agent, label: names[agent] ?? known.get(agent) ?? agent }));
  return (
    <MultiSelect
      label={label}
      description={t('request.namesNote')}
      placeholder={value.length > 0 ? undefined : t('choose.agentHint')}
      data={[...offered, ...missing]}
      value={value}
      onChange={(agents) => {
        setNames((before) => ({
          ...before,
          ...Object.fromEntries(agents.map((id) => [id, known.get(id) ?? before[id] ?? id])),
        }));
        onChange(agents);
      }}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      nothingFoundMessage={shell(game ? 'agents.none' : 'agents.noGame')}
      maxValues={OPPONENTS_MAX}
      error={error}
    />
  );
}
