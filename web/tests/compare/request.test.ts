import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentOver, stretches } from '@/pages/compare/progress';
import { bodyOf, type Draft, wrong } from '@/pages/compare/request';

const draft: Draft = {
  game: 'chess',
  agent: 'me',
  by: 'name',
  opponents: ['other'],
  low: '',
  high: '',
  count: 10,
  rated: false,
};

describe('a request that is typed', () => {
  it('is asked for as the API takes it', () => {
    expect(wrong(draft, 2)).toEqual({});
    expect(bodyOf(draft, 2)).toMatchObject({
      game: 'chess',
      opponents: ['other'],
      rating: null,
      count: 10,
      rated: false,
    });
    const ranged: Draft = { ...draft, by: 'rating', low: 20, high: 30, rated: true };
    expect(wrong(ranged, 2)).toEqual({});
    expect(bodyOf(ranged, 2)).toMatchObject({ opponents: [], rating: { low: 20, high: 30 }, rated: true });
    expect(bodyOf({ ...ranged, by: 'name' }, 1)).toMatchObject({ opponents: [], rating: null, rated: false });
  });

  it.each([
    [{ game: null }, 2, { game: 'game' }],
    [{ agent: null }, 2, { agent: 'agent' }],
    [{ count: 0 }, 2, { count: 'count' }],
    [{ count: '' }, 2, { count: 'count' }],
    [{ count: 10_001 }, 2, { count: 'count' }],
    [{ opponents: [] }, 2, { opponents: 'opponents' }],
    [{ opponents: ['b'] }, 4, { opponents: 'opponents' }],
    [{ opponents: [] }, 1, {}],
    [{ by: 'rating' }, 2, { high: 'range' }],
    [{ by: 'rating', low: 3, high: 2 }, 2, { high: 'order' }],
    [{ by: 'rating', low: 20, high: 27, rated: true }, 2, { high: 'wide' }],
    [{ by: 'rating', low: 20, high: 27 }, 2, {}],
  ] as [Partial<Draft>, number, object][])('%j of %i seats: %j', (change, seats, what) => {
    expect(wrong({ ...draft, ...change }, seats)).toEqual(what);
  });
});

it('a bar never shows more than there is', () => {
  const counts = fc.nat(50);
  const requests = fc
    .record({ wins: counts, draws: counts, losses: counts, voided: counts, running: counts, left: counts })
    .map(({ running, left, ...done }) => {
      const ended = done.wins + done.draws + done.losses;
      const created = ended + done.voided + running;
      const rest = { score_mean: null, first_ms: null, last_ms: null };
      return { count: created + left, running, progress: { ...done, ended, created, ...rest } };
    });
  fc.assert(
    fc.property(requests, (request) => {
      const parts = stretches(request);
      const { progress } = request;
      expect(parts.reduce((sum, part) => sum + part.percent, 0)).toBeLessThanOrEqual(100.000_1);
      expect(parts.reduce((sum, part) => sum + part.count, 0)).toBe(progress.created);
      expect(parts.find((part) => part.of === 'running')?.count ?? 0).toBe(request.running);
      const over = percentOver(request);
      expect(over === 100).toBe(request.count > 0 && progress.ended + progress.voided === request.count);
    }),
  );
});
