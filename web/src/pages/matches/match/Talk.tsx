import { Badge, Box, Group, Progress, Text, UnstyledButton } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { number, percent } from '@/parts/format';
import { Empty } from '@/parts/states';
import { saidUntil, type Utterance } from './said';
import { SeatName } from './seats';
import classes from './Talk.module.css';

interface Props {
  utterances: readonly Utterance[];
  ply: number;
  following: boolean;
  over: boolean;
  seek: (ply: number) => void;
}

const ROW_PX = 84;

/** What agents said up to the position, the newest at the end. */
export function Talk({ utterances, ply, following, over, seek }: Props) {
  const { t } = useTranslation('match');
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => saidUntil(utterances, ply), [utterances, ply]);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
    getItemKey: (index) => keyOf(shown[index]),
  });
  const words = shown.at(-1)?.text.length ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every word more, the end is somewhere else
  useEffect(() => {
    if (shown.length > 0) virtual.scrollToIndex(shown.length - 1, { align: 'end' });
  }, [shown.length, words, virtual]);
  if (utterances.length === 0)
    return <Empty title={t('talk.none')}>{t(over ? 'talk.noneOver' : 'talk.noneYet')}</Empty>;
  if (shown.length === 0) return <Empty title={t('talk.later')} />;
  return (
    <div ref={scroller} className={classes.scroller} role="log" aria-label={t('talk.title')}>
      <Box className={classes.all} h={virtual.getTotalSize()}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const one = shown[index];
          return one ? (
            <div
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              className={classes.one}
              style={{ transform: `translateY(${start}px)` }}
            >
              <Said one={one} now={following && one.ply === ply && !one.done} seek={seek} />
            </div>
          ) : null;
        })}
      </Box>
    </div>
  );
}

const keyOf = (one: Utterance | undefined) => (one ? `${one.ply} ${one.seat} ${one.kind}` : '');

const COLOUR = { thinking: 'grape', progress: 'blue', commentary: 'gray' } as const;

function Said({ one, now, seek }: { one: Utterance; now: boolean; seek: (ply: number) => void }) {
  const { t } = useTranslation('match');
  return (
    <Box py={6} px="xs">
      <Group gap="xs" mb={2}>
        <Text size="sm" component="div" miw={0}>
          <SeatName seat={one.seat} />
        </Text>
        <Badge size="xs" variant="light" color={COLOUR[one.kind]}>
          {t(`talk.${one.kind}`)}
        </Badge>
        <UnstyledButton onClick={() => seek(one.ply + 1)} fz="xs" c="dimmed" td="underline">
          {t('talk.at', { ply: number(one.ply + 1) })}
        </UnstyledButton>
        {now && (
          <Badge size="xs" color="ember" variant="dot">
            {t('talk.now')}
          </Badge>
        )}
      </Group>
      {one.share !== null && (
        <Group gap="xs" maw={320}>
          <Progress value={one.share * 100} flex={1} aria-label={t('talk.progress')} />
          <Text size="xs" c="dimmed">
            {percent(one.share)}
          </Text>
        </Group>
      )}
      {one.text && (
        <Text size="sm" className={classes.text} c={one.kind === 'thinking' ? 'dimmed' : undefined}>
          {one.text}
        </Text>
      )}
    </Box>
  );
}
