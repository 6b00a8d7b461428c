import { expect, it } from 'vitest';
import { Line } from '@/pages/games/line';

/** Something that goes on until it is let go. */
function held() {
  let release = () => {};
  const done = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { done, release };
}

it('runs so many at once, and the others in their order', async () => {
  const line = new Line(2);
  const works = [held(), held(), held(), held()];
  const begun: number[] = [];
  const all = works.map((work, at) =>
    line.take(async () => {
      begun.push(at);
      await work.done;
    }),
  );
  expect(begun).toEqual([0, 1]);
  works[1]?.release();
  await all[1];
  expect(begun).toEqual([0, 1, 2]);
  for (const work of works) work.release();
  await Promise.all(all);
  expect(begun).toEqual([0, 1, 2, 3]);
});

it('lets go who no longer wants it, and goes on behind a failure', async () => {
  const line = new Line(1);
  const first = held();
  const leaving = new AbortController();
  const running = line.take(async () => {
    await first.done;
    throw new Error('broken');
  });
  const left = line.take(async () => 'never', leaving.signal);
  const last = line.take(async () => 'last');
  leaving.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  first.release();
  await expect(running).rejects.toThrow('broken');
  expect(await last).toBe('last');
});
