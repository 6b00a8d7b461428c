const two = (value: number) => String(value).padStart(2, '0');

/** For an input of type datetime-local, in the time of this browser. at: milliseconds since the epoch. */
export function toLocal(at: number | undefined): string {
  if (at === undefined) return '';
  const date = new Date(at);
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** What such an input holds; undefined: nothing, or not yet a whole time. */
export function fromLocal(text: string): number | undefined {
  const at = text ? new Date(text).getTime() : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
