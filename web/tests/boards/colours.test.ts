import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('../../src/boards/colours.css', import.meta.url), 'utf8');

// colours.ts imports the style sheet, which a browser loads; here only its arithmetic is wanted.
const { contrast, isLight, on, SEAT_COLOURS, safeColour } = await import('@/boards/colours');

describe("seats' colours", () => {
  // What they are read on: Mantine's body, and cards a little off it.
  test.each([
    ['light', 0, ['#ffffff', '#f8f9fa']],
    ['dark', 1, ['#242424', '#1a1b1e', '#2e2e2e']],
  ] as const)('can be read as text on a %s page', (_, scheme, grounds) => {
    const colours = [...css.matchAll(/--arena-seat-\d: (#\w{6})/g)].map((found) => found[1] ?? '');
    expect(colours).toHaveLength(2 * SEAT_COLOURS);
    for (const colour of colours.slice(scheme * SEAT_COLOURS, (scheme + 1) * SEAT_COLOURS))
      for (const ground of grounds) expect(contrast(colour, ground), colour).toBeGreaterThanOrEqual(4.5);
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
