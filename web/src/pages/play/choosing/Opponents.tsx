import { Badge, Group, Radio, ScrollArea, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Rating } from '@/parts/format';
import type { Last } from './good';
import type { Standing } from './opponents';

interface Props {
  all: Standing[];
  good: Standing | undefined;
  last: Last | null;
  /** An agent's id, `good` or `any`. */
  chosen: string;
  choose: (opponent: string) => void;
}

/** One of those who agreed, by strength; or a good one; or whoever is here. */
export function Opponents({ all, good, last, chosen, choose }: Props) {
  const { t } = useTranslation('play');
  const value = chosen === 'good' && !good ? 'any' : chosen;
  return (
    <Radio.Group value={value} onChange={choose} aria-label={t('opponent')}>
      <ScrollArea.Autosize mah={430} type="auto" offsetScrollbars="y">
        <Stack gap={6}>
          {good && (
            <Card
              value="good"
              title={t('good', { name: good.agent_name ?? good.agent })}
              note={t(last && last.result !== 'open' ? `why.${why(last)}` : 'why.begin')}
            />
          )}
          {all.map((one) => (
            <Card
              key={one.agent}
              value={one.agent}
              title={one.agent_name ?? one.agent}
              house={one.house}
              note={one.house ? '' : t('of', { owner: one.owner_name ?? '' })}
              standing={one}
            />
          ))}
          <Card value="any" title={t('any')} note={t('anyNote')} />
        </Stack>
      </ScrollArea.Autosize>
    </Radio.Group>
  );
}

const why = ({ result }: Last) => (result === 'won' ? 'won' : result === 'lost' ? 'lost' : 'same');

function Card(props: { value: string; title: string; note: string; house?: boolean | null; standing?: Standing }) {
  const { t } = useTranslation('play');
  const { value, title, note, house, standing } = props;
  return (
    <Radio.Card value={value} p="xs" px="sm" radius="md" aria-label={title}>
      <Group wrap="nowrap" gap="sm">
        <Radio.Indicator />
        <Stack gap={0} flex={1} miw={0}>
          <Group gap={6} wrap="nowrap">
            <Text size="sm" fw={600} truncate>
              {title}
            </Text>
            {house && (
              <Badge size="xs" variant="light" color="slate">
                {t('house')}
              </Badge>
            )}
          </Group>
          {note && (
            <Text size="xs" c="dimmed">
              {note}
            </Text>
          )}
        </Stack>
        {standing && (
          <Text size="sm" component="div">
            <Rating mu={standing.mu} sigma={standing.sigma} />
          </Text>
        )}
      </Group>
    </Radio.Card>
  );
}
