/** Seats' colours on light and on dark pages: as text they can be read (4.5:1), as marks they are told apart. */
export const SEATS: readonly [light: string, dark: string][] = [
  ['#c0322f', '#f28079'],
  ['#2b5fc0', '#85aef7'],
  ['#1d7a40', '#66c78a'],
  ['#8a6100', '#e3b93f'],
  ['#7a45b8', '#c39cf0'],
  ['#b04d12', '#f0965a'],
  ['#0b7575', '#4fc7c7'],
  ['#666a70', '#aeb3ba'],
];

/** A seat's colour wherever it is named or drawn, as CSS. */
export function seatColour(seat: number): string {
  const [light, dark] = SEATS[seat % SEATS.length] ?? [];
  return `light-dark(${light}, ${dark})`;
}

const COLOUR = /^(#[0-9a-f]{3}|#[0-9a-f]{6}|[a-z]{3,20})$/i;
const WHITE = { r: 255, g: 255, b: 255 };
const NAMED: Record<string, string> = { black: '#000000', white: '#ffffff', grey: '#808080', gray: '#808080' };

/** A colour that a game's drawing gave, or grey where it is none: it is somebody else's text. */
export const safeColour = (colour: string) => (COLOUR.test(colour) ? colour : '#808080');

/** Whether dark marks are better seen on it than light ones. */
export const isLight = (colour: string) => contrast(colour, '#111111') >= contrast(colour, '#ffffff');

/** What can be read on it. */
export const on = (colour: string) => (isLight(colour) ? '#1b1b1f' : '#ffffff');

/** Contrast of two colours as WCAG has it, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const { r, g, b } = channels(colour);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

const linear = (channel: number) => {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};

/** Red, green and blue of #rgb or #rrggbb; white for what is neither. */
function channels(colour: string): { r: number; g: number; b: number } {
  const hex = NAMED[colour.toLowerCase()] ?? colour;
  const long = /^#[0-9a-f]{3}$/i.test(hex) ? hex.replace(/[0-9a-f]/gi, '$&$&') : hex;
  if (!/^#[0-9a-f]{6}$/i.test(long)) return WHITE;
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(long.slice(at, at + 2), 16)) as [number, number, number];
  return { r, g, b };
}
