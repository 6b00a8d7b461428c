import {
  Button,
  Collapse,
  Group,
  MultiSelect,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TextInput,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAdjustmentsHorizontal, IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { counted, type Entry } from './catalogue';
import { ACTIONS, type CatalogueSearch, SEATS, SIDES, SIGHTS } from './search';
import { useTags } from './tags';

interface Props {
  entries: Entry[];
  wanted: CatalogueSearch;
  want: (change: Partial<CatalogueSearch>) => void;
}

/** What games are looked for. Seldom used ones fold away. */
export function Filters({ entries, wanted, want }: Props) {
  const { t } = useTranslation('games');
  const more = [wanted.family, wanted.tags, wanted.sight, wanted.side, wanted.actions].filter(Boolean).length;
  const [open, { toggle }] = useDisclosure(more > 0);
  return (
    <Stack gap="sm">
      <Group gap="sm" align="center">
        <TextInput
          type="search"
          aria-label={t('filter.search')}
          placeholder={t('filter.search')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={wanted.q ?? ''}
          onChange={(event) => want({ q: event.currentTarget.value || undefined })}
          w={{ base: '100%', xs: 260 }}
        />
        <SegmentedControl
          aria-label={t('filter.seats')}
          value={wanted.seats ?? ''}
          onChange={(seats) => want({ seats: SEATS.find((one) => one === seats) })}
          data={[
            { value: '', label: t('filter.anySeats') },
            ...SEATS.map((value) => ({ value, label: value === '4' ? '4+' : value })),
          ]}
        />
        <Switch
          label={t('filter.now')}
          checked={wanted.now ?? false}
          onChange={(event) => want({ now: event.currentTarget.checked || undefined })}
        />
        <Button
          variant={more > 0 ? 'light' : 'default'}
          leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
          onClick={toggle}
          aria-expanded={open}
        >
          {more > 0 ? t('filter.moreChosen', { count: more }) : t('filter.more')}
        </Button>
      </Group>
      <Collapse expanded={open}>
        <More entries={entries} wanted={wanted} want={want} />
      </Collapse>
    </Stack>
  );
}

function More({ entries, wanted, want }: Props) {
  const { t } = useTranslation('games');
  const tagged = useTags();
  const families = counted(entries, (entry) => [entry.family]);
  const tags = counted(entries, (entry) => entry.tags);
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 5 }} spacing="sm">
      <MultiSelect
        label={t('filter.tags')}
        placeholder={wanted.tags ? undefined : t('filter.any')}
        data={tags.map(([value, count]) => ({ value, label: `${tagged(value)} (${count})` }))}
        value={wanted.tags ?? []}
        onChange={(chosen) => want({ tags: chosen.length > 0 ? chosen : undefined })}
        clearable
        searchable
      />
      <Select
        label={t('filter.family')}
        placeholder={t('filter.any')}
        data={families.map(([value, count]) => ({ value, label: `${value} (${count})` }))}
        value={wanted.family ?? null}
        onChange={(family) => want({ family: family ?? undefined })}
        clearable
      />
      <Select
        label={t('filter.sight')}
        placeholder={t('filter.any')}
        data={SIGHTS.map((value) => ({ value, label: t(`sight.${value}`) }))}
        value={wanted.sight ?? null}
        onChange={(sight) => want({ sight: SIGHTS.find((one) => one === sight) })}
        clearable
      />
      <Select
        label={t('filter.side')}
        placeholder={t('filter.any')}
        data={SIDES.map((value) => ({ value, label: t(`side.${value}`) }))}
        value={wanted.side ?? null}
        onChange={(side) => want({ side: SIDES.find((one) => one === side) })}
        clearable
      />
      <Select
        label={t('filter.actions')}
        placeholder={t('filter.any')}
        data={ACTIONS.map((value) => ({ value, label: t(`actions.${value}`) }))}
        value={wanted.actions ?? null}
        onChange={(actions) => want({ actions: ACTIONS.find((one) => one === actions) })}
        clearable
      />
    </SimpleGrid>
  );
}
