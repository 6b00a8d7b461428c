// Keeps time for a page in the background, whose own timers browsers slow down. Told the milliseconds; 0: stop.

let timer: ReturnType<typeof setInterval> | undefined;

self.onmessage = ({ data }: MessageEvent<number>) => {
  clearInterval(timer);
  if (data > 0) timer = setInterval(() => self.postMessage(null), data);
};
