/**
 * Changes that are to be seen are made together, with a frame of the screen: of many messages the newest counts.
 *
 * Where there is more to draw than a frame has time for, the rest waits its turn, and the screen stays fluid: after a
 * frame that came late half as many changes are made, after one in time one more (as TCP finds its rate).
 */
const waiting = new Map<object, () => void>();
const LATE_MS = 25;
const LEAST = 2;
const MOST = 200;
let share = 20;
let asked = 0;
let painted = 0; // when the frame before was, if it made changes

function paint(now: number) {
  asked = 0;
  if (painted) share = now - painted > LATE_MS ? Math.max(LEAST, share / 2) : Math.min(MOST, share + 1);
  const changes = [...waiting].slice(0, Math.floor(share));
  painted = changes.length > 0 ? now : 0;
  for (const [owner, change] of changes) {
    waiting.delete(owner);
    change();
  }
  if (painted) ask();
}

function ask() {
  if (!asked) asked = requestAnimationFrame(paint);
}

/** Make this change with one of the next frames, in the place of an earlier one of the same owner. */
export function beforePaint(owner: object, change: () => void) {
  waiting.set(owner, change);
  ask();
}

/** Make it not at all. */
export const forget = (owner: object) => waiting.delete(owner);
