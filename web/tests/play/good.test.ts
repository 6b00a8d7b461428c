import { expect, it } from 'vitest';
import { goodOpponent } from '@/pages/play/choosing/good';

const ALL = [
  { agent: 'strong', mu: 50 },
  { agent: 'weak', mu: 10 },
  { agent: 'middling', mu: 25 },
];

it.each([
  [null, 'weak'],
  [{ opponents: ['weak'], result: 'won' }, 'middling'],
  [{ opponents: ['middling'], result: 'lost' }, 'weak'],
  [{ opponents: ['middling'], result: 'drawn' }, 'middling'],
  [{ opponents: ['strong'], result: 'won' }, 'strong'],
  [{ opponents: ['weak'], result: 'lost' }, 'weak'],
  [{ opponents: ['gone'], result: 'won' }, 'weak'],
] as const)('after %o comes %s', (last, agent) => {
  expect(goodOpponent(ALL, last && { ...last, opponents: [...last.opponents] })?.agent).toBe(agent);
});

it('finds nobody where nobody is', () => {
  expect(goodOpponent([], null)).toBeUndefined();
});
