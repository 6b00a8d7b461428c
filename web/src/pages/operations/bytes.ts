const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** "98 MB": powers of 1,000; one decimal below ten. */
export function bytes(amount: number): string {
  let [value, step] = [amount, 0];
  for (; value >= 1_000 && step < UNITS.length - 1; step++) value /= 1_000;
  return `${value.toFixed(step > 0 && value < 10 ? 1 : 0)} ${UNITS[step]}`;
}
