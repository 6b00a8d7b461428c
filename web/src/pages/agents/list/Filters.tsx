import { CloseButton, Group, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch, IconTag } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ListSearch, STATES } from '../search';

const SETTLE_MS = 250;
const SEARCH_MAX = 100;
const CAPABILITY_MAX = 40;
const ANY = 'any';

interface Props {
  search: ListSearch;
  change: (search: ListSearch) => void;
}

/** Which agents are listed. */
export function Filters({ search, change }: Props) {
  const { t } = useTranslation('agents');
  return (
    <Group gap="sm" role="search">
      <Words
        label={t('filter.search')}
        icon={<IconSearch size={16} aria-hidden />}
        value={search.search ?? ''}
        max={SEARCH_MAX}
        change={(value) => change({ search: value || undefined })}
      />
      <Words
        label={t('filter.capability')}
        icon={<IconTag size={16} aria-hidden />}
        value={search.capability ?? ''}
        max={CAPABILITY_MAX}
        change={(value) => change({ capability: value || undefined })}
      />
      <SegmentedControl
        aria-label={t('filter.state')}
        value={search.state ?? ANY}
        onChange={(value) => change({ state: STATES.find((one) => one === value) })}
        data={[
          { value: ANY, label: t('filter.any') },
          ...STATES.map((value) => ({ value, label: t(`filter.${value}`) })),
        ]}
      />
    </Group>
  );
}

interface WordsProps {
  label: string;
  icon: ReactNode;
  value: string;
  max: number;
  change: (value: string) => void;
}

function Words({ label, icon, value, max, change }: WordsProps) {
  const { t } = useTranslation('agents');
  const [typed, type] = useState(value);
  useEffect(() => type(value), [value]);
  const settle = useDebouncedCallback(change, SETTLE_MS);
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      leftSection={icon}
      value={typed}
      maxLength={max}
      flex={{ base: '1 1 150px', sm: '0 1 240px' }}
      onChange={({ currentTarget }) => {
        type(currentTarget.value);
        settle(currentTarget.value.trim());
      }}
      rightSection={
        typed && (
          <CloseButton
            size="sm"
            aria-label={t('filter.clear')}
            onClick={() => {
              type('');
              change('');
            }}
          />
        )
      }
    />
  );
}
