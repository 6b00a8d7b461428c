import { Button, NumberInput, Paper, SimpleGrid, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';

type Box = Extract<Shown<'SeatSpaces'>['action'], { kind: 'box' }>;

/** A field for each number of an array. */
export function Numbers({ space, play }: { space: Box; play: (action: unknown) => void }) {
  const { t } = useTranslation('play');
  const count = space.shape.reduce((all, size) => all * size, 1);
  const [values, change] = useState(() => Array.from({ length: count }, (_, at) => middle(space, at)));
  return (
    <Paper withBorder p="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          play(shaped(values, space.shape));
        }}
      >
        <Stack gap="xs">
          <SimpleGrid cols={count > 1 ? 2 : 1} spacing="xs">
            {values.map((value, at) => (
              <NumberInput
                // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place in the array
                key={at}
                label={t('number', { at })}
                value={value}
                min={bound(space.low, at)}
                max={bound(space.high, at)}
                step={0.1}
                onChange={(next) => change(values.with(at, Number(next)))}
              />
            ))}
          </SimpleGrid>
          <Button type="submit" style={{ alignSelf: 'flex-start' }}>
            {t('send')}
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}

type Bound = Box['low'];

const bound = (all: Bound, at: number): number | undefined => (Array.isArray(all) ? all[at] : all) ?? undefined;

function middle(space: Box, at: number): number {
  const [low, high] = [bound(space.low, at), bound(space.high, at)];
  return low !== undefined && high !== undefined ? (low + high) / 2 : Math.min(high ?? 0, Math.max(low ?? 0, 0));
}

/** Numbers one after the other as nested lists of a shape; a number where the shape is empty. */
export function shaped(values: readonly number[], shape: readonly number[]): unknown {
  const [size, ...rest] = shape;
  if (size === undefined) return values[0];
  const each = values.length / size;
  return Array.from({ length: size }, (_, at) => shaped(values.slice(at * each, (at + 1) * each), rest));
}
