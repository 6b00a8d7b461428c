// What of an address is understood: a page's filters, tab and place. What is not is left out, and never fails.

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value ? value : typeof value === 'number' ? String(value) : undefined;

export const yes = (value: unknown): true | undefined => (value === true ? true : undefined);

/** A whole number from `least` on. */
export const whole = (value: unknown, least = 1): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= least ? value : undefined;

export function one<Value extends string>(value: unknown, among: readonly Value[]): Value | undefined {
  return among.find((known) => known === value);
}

/** Several, each once; undefined for none. */
export function several(value: unknown): string[] | undefined {
  const found = (Array.isArray(value) ? value : [value]).map(text).filter((word) => word !== undefined);
  return found.length > 0 ? [...new Set(found)] : undefined;
}
