import { useQuery } from '@tanstack/react-query';
import { createContext, useEffect, useReducer } from 'react';
import { $api, type Shown } from '@/api/client';
import { ProblemError } from '@/api/problem';
import { ofQueue, ofReadiness, ofRunners, ofServices, ofStreams } from './figures';
import { EMPTY, sampled } from './trace';

const OFTEN_MS = 3_000;
const SELDOM_MS = 10_000;
const often = { refetchInterval: OFTEN_MS, retry: false } as const;
const seldom = { refetchInterval: SELDOM_MS, retry: false } as const;

export const useRunners = () => $api.useQuery('get', '/api/fleet/runners', {}, often);
export const useServices = () => $api.useQuery('get', '/api/fleet/services', {}, often);
export const useStreams = () => $api.useQuery('get', '/api/fleet/streams', {}, often);
export const useQueue = () => $api.useQuery('get', '/api/queue', {}, often);
export const useReadiness = () => useQuery({ queryKey: ['ready'], queryFn: readiness, ...often });
export const useAlerts = () => $api.useQuery('get', '/api/fleet/alerts', {}, often);
export const useQuarantine = () => $api.useQuery('get', '/api/quarantine', {}, seldom);

/** What is missing is said with status 503, and is an answer all the same. */
async function readiness(): Promise<Shown<'Readiness'>> {
  const answer = await fetch('/api/ready');
  if (answer.ok || answer.status === 503) {
    const said: unknown = await answer.json().catch(() => null);
    if (said && typeof said === 'object' && 'nats' in said) return said as Shown<'Readiness'>;
  }
  throw new ProblemError(answer.status, {});
}

/** The trace for cells of tables, whose columns must stay the same: a new column would forget an open dialog. */
export const TraceContext = createContext(EMPTY);

/** The figures of all answers since the page was opened. */
export function useTrace() {
  const [trace, add] = useReducer(sampled, EMPTY);
  const runners = useRunners();
  const services = useServices();
  const queue = useQueue();
  const ready = useReadiness();
  const streams = useStreams();
  useSamples(runners, ofRunners, add);
  useSamples(services, ofServices, add);
  useSamples(queue, ofQueue, add);
  useSamples(ready, ofReadiness, add);
  useSamples(streams, ofStreams, add);
  return trace;
}

interface Answered<Data> {
  data: Data | undefined;
  dataUpdatedAt: number;
}
type Sample = Parameters<typeof sampled>[1];

function useSamples<Data>(
  { data, dataUpdatedAt }: Answered<Data>,
  of: (data: Data, at: number) => Sample,
  add: (sample: Sample) => void,
) {
  useEffect(() => {
    if (data !== undefined) add(of(data, dataUpdatedAt));
  }, [data, dataUpdatedAt, of, add]);
}
