import { useQueries } from '@tanstack/react-query';
import { $api, type Shown } from '@/api/client';

const STALE_MS = 60_000;
const POINTS = 24;

/** How the ratings of the listed agents went, by agent: one question a page. */
export function useSparklines(game: string, pages: { items: Shown<'Place'>[] }[]): Map<string, number[]> {
  return useQueries({
    queries: pages
      .filter((page) => page.items.length > 0)
      .map((page) => ({
        ...$api.queryOptions('get', '/api/games/{game}/sparklines', {
          // Sorted: places change all the time, and the answer does not depend on them.
          params: {
            path: { game },
            query: {
              agents: page.items
                .map((place) => place.agent)
                .sort()
                .join(','),
              points: POINTS,
            },
          },
        }),
        staleTime: STALE_MS,
      })),
    combine: (answers) =>
      new Map(answers.flatMap((answer) => answer.data ?? []).map((line) => [line.agent, line.mu] as const)),
  });
}
