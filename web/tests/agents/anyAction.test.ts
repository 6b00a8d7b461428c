import { expect, it } from 'vitest';
import { anyAction } from '@/pages/agents/mounting/anyAction';
import type { Space } from '@/pages/games/spaces';

const box = (
  shape: number[],
  low: number | (number | null)[] | null,
  high: number | (number | null)[] | null,
): Space => ({
  kind: 'box',
  shape,
  dtype: 'float32',
  low,
  high,
});

it.each<[string, Space, string]>([
  ['a number', { kind: 'discrete', n: 7, start: 0 }, 'random.randint(0, 6)'],
  ['a number from 2', { kind: 'discrete', n: 3, start: 2 }, 'random.randint(2, 4)'],
  ['one force', box([1], -2, 2), '[random.uniform(-2, 2) for _ in range(1)]'],
  ['a matrix', box([2, 3], 0, 1), '[[random.uniform(0, 1) for _ in range(3)] for _ in range(2)]'],
  ['one number', box([], 0, 1), 'random.uniform(0, 1)'],
  ['bounds of their own', box([2], [0, -1], [1, 5]), '[random.uniform(0, 1), random.uniform(-1, 5)]'],
  ['rows of their own', box([2, 1], [0, -1], [1, 5]), '[[random.uniform(0, 1)], [random.uniform(-1, 5)]]'],
  ['no bounds', box([1], null, [null]), '[random.uniform(-1, 1) for _ in range(1)]'],
  ['one bound', box([1], 3, null), '[random.uniform(3, 3) for _ in range(1)]'],
  ['bits', { kind: 'multi_binary', shape: [4] }, '[random.randint(0, 1) for _ in range(4)]'],
  ['choices', { kind: 'multi_discrete', shape: [2], n: [2, 5] }, '[random.randint(0, 1), random.randint(0, 4)]'],
  [
    'parts with names',
    { kind: 'dict', parts: { go: { kind: 'discrete', n: 2, start: 0 }, both: { kind: 'tuple', parts: [] } } },
    '{"go": random.randint(0, 1), "both": []}',
  ],
])('draws %s', (_, space, expected) => {
  expect(anyAction(space)).toBe(expected);
});
