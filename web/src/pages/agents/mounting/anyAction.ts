// What an agent that knows nothing does: Python that draws an action of a space (`import random` is all it needs).
import type { Space } from '../../games/spaces';

type Bounds = number | (number | null)[] | null;

/** A Python expression. */
export function anyAction(space: Space): string {
  switch (space.kind) {
    case 'discrete':
      return whole(space.start ?? 0, space.n);
    case 'box':
      return array(space.shape, (at) => {
        const [low, high] = within(bound(space.low, at), bound(space.high, at));
        return /int/.test(space.dtype) ? `random.randint(${low}, ${high})` : `random.uniform(${low}, ${high})`;
      });
    case 'multi_discrete':
      return array(space.shape, (at) => whole(space.start?.[at] ?? 0, space.n[at] ?? 1));
    case 'multi_binary':
      return array(space.shape, () => 'random.randint(0, 1)');
    case 'text':
      return 'f"Here is what I think of turn {turn.ply}: I pass."';
    case 'tuple':
      return `[${space.parts.map(anyAction).join(', ')}]`;
    case 'dict':
      return `{${Object.entries(space.parts)
        .map(([name, part]) => `${JSON.stringify(name)}: ${anyAction(part)}`)
        .join(', ')}}`;
    case 'other':
      return `None  # in its place, one of ${(space.text ?? '').replaceAll('\n', ' ')}`;
  }
}

const whole = (start: number, count: number) => `random.randint(${start}, ${start + count - 1})`;

const bound = (bounds: Bounds, at: number) => (Array.isArray(bounds) ? (bounds[at] ?? null) : bounds);

/** Where there is no bound, one near the other. */
const within = (low: number | null, high: number | null): [number, number] => [
  low ?? Math.min(-1, high ?? 0),
  high ?? Math.max(1, low ?? 0),
];

/** Nested lists of what `draw` says for each number, in C order; one comprehension a dimension where all are alike. */
function array(shape: number[], draw: (at: number) => string): string {
  const size = shape.reduce((product, length) => product * length, 1);
  const drawn = Array.from({ length: size }, (_, at) => draw(at));
  if (drawn.every((one) => one === drawn[0])) {
    return shape.reduceRight((inner, length) => `[${inner} for _ in range(${length})]`, drawn[0] ?? '');
  }
  const nested = (depth: number, from: number, span: number): string => {
    const length = shape[depth];
    if (length === undefined) return drawn[from] ?? '';
    const parts = Array.from({ length }, (_, at) => nested(depth + 1, from + at * (span / length), span / length));
    return `[${parts.join(', ')}]`;
  };
  return nested(0, 0, size);
}
