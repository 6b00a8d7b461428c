import type { Shown } from '@/api/client';
import type { Sample } from './trace';

type Figures = Record<string, number>;

/** What a kind of process does, counted. */
export const WORK: Record<string, string> = {
  'arena-api': 'arena_api_requests_total',
  'arena-matchmaker': 'arena_matchmaker_matches_total',
  'arena-recorder': 'arena_recorder_events_total',
  'arena-runner': 'arena_runner_moves_total',
};

/** A metric over all its labels. */
export function total(figures: Figures, metric: string): number {
  let sum = figures[metric] ?? 0;
  for (const [name, value] of Object.entries(figures)) if (name.startsWith(`${metric}{`)) sum += value;
  return sum;
}

/** Of the runners: how many matches they play and could play, and the moves they make. */
export function ofRunners(runners: Shown<'RunnerShown'>[], at: number): Sample {
  const here = runners.filter((runner) => runner.state === 'playing' || runner.state === 'draining');
  const moves = here.filter((runner) => 'arena_runner_moves_total' in runner.figures);
  return {
    at,
    gauges: {
      playing: sum(here.map((runner) => runner.playing)),
      capacity: sum(here.map((runner) => runner.capacity)),
    },
    counters: {
      moves: Object.fromEntries(moves.map(({ id, figures }) => [id, figures.arena_runner_moves_total ?? 0])),
    },
  };
}

/** Of all processes: processor time, and what each counts of its work. */
export function ofServices(services: Shown<'ServiceShown'>[], at: number): Sample {
  const cpu: Figures = {};
  const work: Figures = {};
  for (const { id, name, figures } of services) {
    if (figures.process_cpu_seconds_total !== undefined) cpu[id] = figures.process_cpu_seconds_total;
    const metric = WORK[name];
    if (metric) work[id] = total(figures, metric);
  }
  return { at, counters: { cpu, work } };
}

/** Of the matchmaker: who waits, what is made. */
export function ofQueue(queue: Shown<'QueueState'>, at: number): Sample {
  return {
    at,
    gauges: {
      waiting: sum(queue.games.map((game) => game.waiting)),
      perMinute: sum(queue.games.map((game) => game.matches_per_minute)),
      running: queue.running,
    },
  };
}

/** Of readiness: how many events PostgreSQL lacks. */
export const ofReadiness = (ready: Shown<'Readiness'>, at: number): Sample => ({
  at,
  gauges: ready.lag_events == null ? {} : { lag: ready.lag_events },
});

/** Of the streams: how fast the log grows. */
export const ofStreams = ({ streams }: Shown<'StreamsShown'>, at: number): Sample => ({
  at,
  counters: { stored: Object.fromEntries(streams.map(({ name, last_seq }) => [name, last_seq])) },
});

const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
