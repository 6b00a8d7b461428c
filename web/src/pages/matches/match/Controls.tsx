import { ActionIcon, Button, Group, Kbd, Select, Slider, Stack, Text, Tooltip } from '@mantine/core';
import {
  IconAntennaBars5,
  IconChevronLeft,
  IconChevronRight,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipBackFilled,
  IconPlayerSkipForwardFilled,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { number } from '@/parts/format';
import classes from './Controls.module.css';
import { type Playback, type Press, SPEEDS, type Speed } from './playback';

interface Props {
  playback: Playback;
  ply: number;
  last: number;
  over: boolean;
  following: boolean;
  /** Positions at which somebody was charged. */
  faults: readonly number[];
  press: (press: Press) => void;
}

const MARKS_MAX = 40;

/** The scrub bar, and what plays the match. The same by keys: arrows, Home, End, space. */
export function Controls(props: Props) {
  const { playback, ply, last, over, following, faults, press } = props;
  const { t } = useTranslation('match');
  const told = (value: number) => t('ply.of', { ply: number(value), last: number(last) });
  const marks = [...new Set(faults)].slice(0, MARKS_MAX).map((value) => ({ value }));
  return (
    <Stack gap="xs" px="md" pb="sm" pt={4}>
      <Slider
        min={0}
        max={Math.max(last, 1)}
        value={ply}
        onChange={(value) => press({ press: 'seek', ply: value })}
        label={number}
        marks={marks}
        classNames={{ mark: classes.fault }}
        size="sm"
        thumbLabel={t('ply.label')}
        thumbValueText={told}
      />
      <Group justify="space-between" gap="xs">
        <Group gap={4} wrap="nowrap">
          <Pressable label={t('press.first')} onClick={() => press({ press: 'seek', ply: 0 })} disabled={ply === 0}>
            <IconPlayerSkipBackFilled size={16} aria-hidden />
          </Pressable>
          <Pressable label={t('press.back')} onClick={() => press({ press: 'by', steps: -1 })} disabled={ply === 0}>
            <IconChevronLeft size={18} aria-hidden />
          </Pressable>
          <ActionIcon
            size="lg"
            radius="xl"
            aria-label={t(playback.playing ? 'press.pause' : 'press.play')}
            onClick={() => press({ press: 'toggle' })}
            disabled={last === 0}
          >
            {playback.playing ? (
              <IconPlayerPauseFilled size={18} aria-hidden />
            ) : (
              <IconPlayerPlayFilled size={18} aria-hidden />
            )}
          </ActionIcon>
          <Pressable
            label={t('press.forward')}
            onClick={() => press({ press: 'by', steps: 1 })}
            disabled={ply === last}
          >
            <IconChevronRight size={18} aria-hidden />
          </Pressable>
          <Pressable
            label={t('press.last')}
            onClick={() => press({ press: 'newest' })}
            disabled={ply === last && !playback.playing}
          >
            <IconPlayerSkipForwardFilled size={16} aria-hidden />
          </Pressable>
          <Text size="sm" ml={6} style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }} aria-hidden>
            {number(ply)} / {number(last)}
          </Text>
        </Group>
        <Group gap="xs" wrap="nowrap">
          {!over && <Follow following={following} press={press} />}
          <Select
            size="xs"
            w={112}
            aria-label={t('speed.label')}
            data={SPEEDS.map((speed) => ({ value: speed, label: speed === 'real' ? t('speed.real') : `${speed}×` }))}
            value={playback.speed}
            allowDeselect={false}
            onChange={(speed) => speed && press({ press: 'speed', speed: speed as Speed })}
          />
        </Group>
      </Group>
      <Group gap={6} visibleFrom="sm" c="dimmed" fz="xs">
        <Kbd size="xs">←</Kbd>
        <Kbd size="xs">→</Kbd> {t('keys.step')}
        <Kbd size="xs">Home</Kbd>
        <Kbd size="xs">End</Kbd> {t('keys.ends')}
        <Kbd size="xs">{t('keys.space')}</Kbd> {t('keys.play')}
      </Group>
    </Stack>
  );
}

function Pressable({
  label,
  children,
  ...rest
}: {
  label: string;
  children: ReactNode;
  onClick: () => void;
  disabled: boolean;
}) {
  return (
    <Tooltip label={label} openDelay={400}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} {...rest}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function Follow({ following, press }: { following: boolean; press: (press: Press) => void }) {
  const { t } = useTranslation('match');
  return (
    <Button
      size="xs"
      color="ember"
      variant={following ? 'light' : 'filled'}
      leftSection={<IconAntennaBars5 size={14} aria-hidden />}
      aria-pressed={following}
      onClick={() => press({ press: 'newest' })}
    >
      {t(following ? 'live.following' : 'live.follow')}
    </Button>
  );
}
