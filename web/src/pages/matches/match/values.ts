// What an agent saw, told briefly: arrays of numbers by their shape and first values.

/** The shape of nested lists of numbers (or of truth values), as NumPy has it. null: it is no such array. */
export function shapeOf(value: unknown): number[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  if (value.every((one) => typeof one === 'number' || typeof one === 'boolean')) return [value.length];
  const first = shapeOf(value[0]);
  if (!first) return null;
  const alike = value.every((one) => {
    const shape = shapeOf(one);
    return shape !== null && shape.length === first.length && shape.every((size, axis) => size === first[axis]);
  });
  return alike ? [value.length, ...first] : null;
}

/** "6 × 7 × 2" */
export const shapeText = (shape: readonly number[]) => shape.join(' × ');

/** Numbers one after the other, at most so many. */
export function firstOf(value: unknown, most: number): number[] {
  const found: number[] = [];
  const visit = (one: unknown) => {
    if (found.length >= most) return;
    if (Array.isArray(one)) for (const part of one) visit(part);
    else found.push(Number(one));
  };
  visit(value);
  return found;
}

export const brief = (value: number) =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));

/** Rows of a matrix, each number as wide as the widest. */
export function matrixText(rows: readonly (readonly unknown[])[]): string {
  const cells = rows.map((row) => row.map((one) => brief(Number(one))));
  const width = Math.max(...cells.flat().map((cell) => cell.length));
  return cells.map((row) => row.map((cell) => cell.padStart(width)).join(' ')).join('\n');
}
