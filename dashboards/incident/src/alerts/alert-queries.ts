import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { about } from '../api/topics';

export interface AlertFilter {
  level?: string;
  tenant?: string;
  verdict?: string;
  incident?: string;
  q?: string;
}

export const alertsQuery = (filter: AlertFilter) =>
  infiniteQueryOptions({
    queryKey: ['alerts', filter],
    meta: about('alert'),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/alerts', {
          params: {
            query: { ...filter, limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) } as Record<
              string,
              string | number
            >,
          },
        }),
      ),
    getNextPageParam: (page) => page.nextCursor,
  });

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: ['alert', id],
    meta: about('alert'),
    queryFn: () => take(api.GET('/api/alerts/{id}', { params: { path: { id } } })),
  });
