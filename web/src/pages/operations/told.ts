import { duration, moment, number, percent } from '@/parts/format';

/** An alert's figures as people read them, under the names they came by. */
export const told = (figures: Record<string, number>): Record<string, string> =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, figure(name, value)]));

function figure(name: string, value: number): string {
  if (name === 'used') return percent(value);
  if (name === 'until_ms') return moment(value);
  return name.endsWith('_ms') ? duration(value) : number(value);
}
