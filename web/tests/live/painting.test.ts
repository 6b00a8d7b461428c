import { beforeEach, expect, it, vi } from 'vitest';

let frames: ((now: number) => void)[] = [];
vi.stubGlobal('requestAnimationFrame', (frame: (now: number) => void) => frames.push(frame));

/** The next frame of the screen, at this time. */
function frame(now: number) {
  const due = frames;
  frames = [];
  for (const one of due) one(now);
}

async function painting() {
  vi.resetModules();
  return await import('@/live/painting');
}

beforeEach(() => {
  frames = [];
});

it('makes the newest change of each owner, with the next frame', async () => {
  const { beforePaint, forget } = await painting();
  const made: string[] = [];
  const [one, other, gone] = [{}, {}, {}];
  beforePaint(one, () => made.push('old'));
  beforePaint(other, () => made.push('other'));
  beforePaint(gone, () => made.push('gone'));
  beforePaint(one, () => made.push('new'));
  forget(gone);
  expect(made).toEqual([]);
  frame(16);
  expect(made).toEqual(['new', 'other']);
});

/** 60 boards that always have something new, on a screen whose frames take so long: how many are drawn in each. */
async function drawn(frameMs: (changes: number) => number) {
  const { beforePaint } = await painting();
  const owners = Array.from({ length: 60 }, () => ({}));
  const counts: number[] = [];
  const ages = new Map<object, number>(owners.map((owner) => [owner, 0]));
  let now = 1000;
  let oldest = 0;
  for (let at = 0; at < 200; at++) {
    let count = 0;
    for (const owner of owners) {
      beforePaint(owner, () => {
        count++;
        ages.set(owner, at);
      });
    }
    frame(now);
    counts.push(count);
    now += frameMs(count);
    oldest = Math.max(oldest, ...owners.map((owner) => at - (ages.get(owner) ?? 0)));
  }
  return { counts: counts.slice(100), oldest };
}

it('draws all of them where the screen is quick', async () => {
  const { counts } = await drawn(() => 16.7);
  expect(Math.min(...counts)).toBe(60);
});

it('draws as many as a slow screen can, and each of them in turn', async () => {
  const { counts, oldest } = await drawn((changes) => 5 + changes * 2);
  expect(Math.max(...counts)).toBeLessThanOrEqual(11);
  expect(counts.reduce((sum, count) => sum + count) / counts.length).toBeGreaterThan(5);
  expect(oldest).toBeLessThan(30);
});
