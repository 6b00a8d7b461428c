import { Button, Group, Select, SimpleGrid } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { AgentSelect } from '@/parts/AgentSelect';
import { GameSelect } from '@/parts/GameSelect';
import { useMe } from '@/session';
import { CAUSES, type MatchesSearch, SPAN_NAMES, STATUSES } from './search';

interface Props {
  search: MatchesSearch;
  want: (change: Partial<MatchesSearch>) => void;
}

/** Which matches are listed. */
export function Filters({ search, want }: Props) {
  const { t } = useTranslation('matches');
  const me = useMe();
  const any = t('filter.any');
  const whose = [
    ...(me ? [{ value: 'mine', label: t('filter.mine') }] : []),
    ...(search.user && search.user !== 'mine' ? [{ value: search.user, label: t('filter.thisUser') }] : []),
  ];
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
        <GameSelect
          label={t('filter.game')}
          placeholder={any}
          value={search.game}
          choose={(game) => want({ game, agent: undefined })}
        />
        <AgentSelect
          label={t('filter.agent')}
          placeholder={any}
          game={search.game}
          value={search.agent}
          choose={(agent) => want({ agent, opponent: undefined })}
        />
        {whose.length > 0 && (
          <Select
            label={t('filter.whose')}
            placeholder={t('filter.everybody')}
            data={whose}
            value={search.user ?? null}
            onChange={(user) => want({ user: user ?? undefined })}
            clearable
          />
        )}
        <Select
          label={t('filter.status')}
          placeholder={any}
          data={STATUSES.map((value) => ({ value, label: t(`status.${value}`) }))}
          value={search.status ?? null}
          onChange={(status) => want({ status: STATUSES.find((one) => one === status) })}
          clearable
        />
        <Select
          label={t('filter.cause')}
          placeholder={any}
          data={CAUSES.map((value) => ({ value, label: t(`cause.${value}`) }))}
          value={search.cause ?? null}
          onChange={(cause) => want({ cause: CAUSES.find((one) => one === cause) })}
          clearable
        />
        <Select
          label={t('filter.since')}
          placeholder={t('filter.always')}
          data={SPAN_NAMES.map((value) => ({ value, label: t(`span.${value}`) }))}
          value={search.since ?? null}
          onChange={(since) => want({ since: SPAN_NAMES.find((one) => one === since) })}
          clearable
        />
      </SimpleGrid>
      {(search.request || search.opponent) && (
        <Group gap="xs">
          {search.request && (
            <Taken label={t('filter.request')} remove={() => want({ request: undefined })} say={t('filter.remove')} />
          )}
          {search.opponent && (
            <Taken label={t('filter.opponent')} remove={() => want({ opponent: undefined })} say={t('filter.remove')} />
          )}
        </Group>
      )}
    </>
  );
}

/** A filter that came with the address, and can be taken away. */
const Taken = ({ label, say, remove }: { label: string; say: string; remove: () => void }) => (
  <Button
    size="xs"
    variant="light"
    rightSection={<IconX size={14} aria-hidden />}
    onClick={remove}
    aria-label={`${say}: ${label}`}
  >
    {label}
  </Button>
);
