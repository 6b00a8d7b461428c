import { describe, expect, test } from 'vitest';
import { contrast, isLight, on, SEATS, safeColour, seatColour } from '@/boards/colours';

describe("seats' colours", () => {
  // What they are read on: the page's ground, and what lies a little off it.
  test.each([
    ['light', 0, ['#ffffff', '#f8f9fa']],
    ['dark', 1, ['#242424', '#1a1b1e', '#14181e']],
  ] as const)('can be read as text on a %s page', (_, scheme, grounds) => {
    for (const colours of SEATS)
      for (const ground of grounds) expect(contrast(colours[scheme], ground)).toBeGreaterThanOrEqual(4.5);
  });

  test('begin anew behind the last one', () => {
    expect(seatColour(SEATS.length + 1)).toBe(seatColour(1));
  });
});

test('contrast is that of WCAG', () => {
  expect(contrast('#000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

test('marks on a stone can be seen', () => {
  expect([isLight('#f7f7f2'), isLight('#1b1b1f')]).toEqual([true, false]);
  expect(contrast(on('#e0b32e'), '#e0b32e')).toBeGreaterThan(4.5);
});

test('what is no colour is none in a drawing', () => {
  expect(safeColour('url(https://example.org)')).toBe('#808080');
  expect(safeColour('#c22')).toBe('#c22');
});
