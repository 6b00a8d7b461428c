/** Changes that are to be seen are made together, once a frame of the screen: of many messages the newest counts. */
const waiting = new Map<object, () => void>();
let asked = 0;

function paint() {
  asked = 0;
  const changes = [...waiting.values()];
  waiting.clear();
  for (const change of changes) change();
}

/** Make this change with the next frame, in the place of an earlier one of the same owner. */
export function beforePaint(owner: object, change: () => void) {
  waiting.set(owner, change);
  if (!asked) asked = requestAnimationFrame(paint);
}

/** Make it not at all. */
export const forget = (owner: object) => waiting.delete(owner);
