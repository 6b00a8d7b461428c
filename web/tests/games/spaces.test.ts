import { expect, it } from 'vitest';
import { told } from '@/pages/games/spaces';

it.each([
  [{ kind: 'discrete', n: 7 } as const, 'range', { low: '0', high: '6', count: '7' }],
  [{ kind: 'discrete', n: 3, start: 1 } as const, 'range', { low: '1', high: '3', count: '3' }],
  [
    { kind: 'box', shape: [6, 7, 2], dtype: 'int8', low: 0, high: 1 } as const,
    'array',
    { shape: '6 × 7 × 2', dtype: 'int8', low: '0', high: '1' },
  ],
  [
    { kind: 'box', shape: [2], dtype: 'float32', low: [-8, null], high: [0.12345, 2e9] },
    'array',
    { shape: '2', dtype: 'float32', low: '−∞', high: '2.0e+9' },
  ],
  [{ kind: 'multi_discrete', shape: [5], n: [2, 3, 4, 5, 6] }, 'arrayOf', { shape: '5', counts: '2, 3, 4, 5, …' }],
  [{ kind: 'multi_binary', shape: [4] }, 'bits', { shape: '4' }],
  [{ kind: 'text', min: 1, max: 2000 }, 'text', { min: '1', max: '2000' }],
] as [Parameters<typeof told>[0], string, object][])('tells %j', (space, key, values) => {
  expect(told(space)).toEqual({ kind: 'line', text: { key, values } });
});

it('tells the parts of a map by name and of a list by place', () => {
  const bit = { kind: 'discrete', n: 2, start: 0 } as const;
  const both = told({ kind: 'dict', parts: { a: bit, b: { kind: 'tuple', parts: [bit] } } });
  expect(both).toMatchObject({
    kind: 'parts',
    named: true,
    parts: [
      ['a', { kind: 'line' }],
      ['b', { named: false }],
    ],
  });
  expect(told({ kind: 'other', text: 'Graph()' })).toEqual({ kind: 'code', code: 'Graph()' });
});
