import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { $api, api, hasSession, type Shown } from './api/client';
import { isProblem } from './api/problem';

export type Me = Shown<'Identity'>;

/** Who is logged in: undefined while it is asked, null for nobody. */
export function useMe(): Me | null | undefined {
  const { data, error } = $api.useQuery('get', '/api/auth/me', {}, { enabled: hasSession(), staleTime: 60_000 });
  if (!hasSession() || isProblem(error, 401)) return null;
  return data;
}

/** Somebody has just come in. */
export function remember(queries: QueryClient, me: Me) {
  queries.setQueryData($api.queryOptions('get', '/api/auth/me', {}).queryKey, me);
}

export const isOperator = (me: Me | null | undefined) => me?.role === 'operator' || me?.role === 'admin';

/** Log out here, and forget everything that was asked for. */
export function useLogout() {
  const queries = useQueryClient();
  return async () => {
    await api.POST('/api/auth/logout').catch((error: unknown) => {
      if (!isProblem(error, 401)) throw error;
    });
    queries.clear();
    window.location.assign('/');
  };
}
