import { QueryClient } from '@tanstack/react-query';
import { isProblem } from './problem';

const RETRIES_MAX = 2;

/** What pages asked for, kept while it is fresh. What was refused for a reason is not asked again. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => count < RETRIES_MAX && !(isProblem(error) && error.status < 500),
    },
  },
});
