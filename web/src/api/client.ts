import createFetchClient, { type Middleware } from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';
import { type Problem, ProblemError } from './problem';
import type { components, paths } from './schema';

/** What the API calls it, e.g. `Shown<'Agent'>`. */
export type Shown<Name extends keyof components['schemas']> = components['schemas'][Name];

/** The session's cross-site token, which its cookie shows to our own script alone (arena/api/cookies.py). */
function csrf(): string {
  return /(?:^|; )(?:__Host-)?arena-csrf=([^;]*)/.exec(document.cookie)?.[1] ?? '';
}

/** Whether this browser holds a session, as far as it can see: its cookies of tokens are hidden from scripts. */
export const hasSession = () => csrf() !== '';

/** Exchange the refresh token: one tab at a time, since a token is good for one exchange. */
async function refresh(): Promise<boolean> {
  if (!hasSession()) return false;
  const before = csrf();
  const exchange = async () => {
    const answer = await fetch('/api/auth/refresh', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Arena-CSRF': csrf() },
      body: '{}',
    });
    return answer.ok;
  };
  if (!navigator.locks) return exchange();
  const asked = Date.now();
  return navigator.locks.request('arena-refresh', async () => {
    // Another tab may have done it while this one waited.
    if (Number(localStorage.getItem(REFRESHED)) > asked && csrf() === before) return true;
    const done = await exchange();
    if (done) localStorage.setItem(REFRESHED, String(Date.now()));
    return done;
  });
}
const REFRESHED = 'arena-refreshed-ms';

const ENTRANCES = new Set(['/api/auth/login', '/api/auth/register', '/api/auth/refresh', '/api/auth/recover']);
const again = new WeakMap<Request, Request>();

const session: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set('X-Arena-CSRF', csrf());
    again.set(request, request.clone());
    return request;
  },
  async onResponse({ request, response, schemaPath }) {
    if (response.status === 401 && !ENTRANCES.has(schemaPath) && (await refresh())) {
      const second = again.get(request);
      if (second) {
        if (second.method !== 'GET') second.headers.set('X-Arena-CSRF', csrf());
        return checked(await fetch(second));
      }
    }
    return checked(response);
  },
};

/** Every refusal becomes a ProblemError, so that what an answer holds is what was asked for. */
async function checked(response: Response): Promise<Response> {
  if (response.ok || response.status === 304) return response;
  let problem: Partial<Problem> = {};
  try {
    problem = await response.json();
  } catch {
    // a proxy's own page, for instance
  }
  throw new ProblemError(response.status, problem, Number(response.headers.get('Retry-After')) || null);
}

/** Ask the API: `await api.GET('/api/games')`; raises ProblemError. */
export const api = createFetchClient<paths>({ baseUrl: '/' });
api.use(session);

/** The same as hooks: `$api.useQuery('get', '/api/games')`. */
export const $api = createQueryClient(api);
