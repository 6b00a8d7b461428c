import { Paper, ScrollArea, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useTalk } from '@/pages/matches/match/talk';

const SHOWN = 20;

/** What the opponents say meanwhile. Nothing where they are silent. */
export function Remarks({ match, over }: { match: string; over: boolean }) {
  const { t } = useTranslation('play');
  const said = useTalk(match, over).filter((one) => one.text);
  if (said.length === 0) return null;
  return (
    <Paper withBorder p="sm" component="section" aria-label={t('remarks')}>
      <Text size="xs" c="dimmed" mb={4}>
        {t('remarks')}
      </Text>
      <ScrollArea.Autosize mah={180} viewportProps={{ tabIndex: 0 }}>
        <Stack gap={6} role="log" aria-label={t('remarks')}>
          {said.slice(-SHOWN).map((one) => (
            <Text key={`${one.ply} ${one.seat} ${one.kind}`} size="sm">
              {one.text}
            </Text>
          ))}
        </Stack>
      </ScrollArea.Autosize>
    </Paper>
  );
}
