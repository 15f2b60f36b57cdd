import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { about } from '../api/topics';
import { reportStates } from './report-words';

/** An address that somebody mistyped filters nothing. */
export const reportsQuery = (wanted: string | undefined) => {
  const state = reportStates.find((name) => name === wanted);
  return infiniteQueryOptions({
    queryKey: ['reports', state ?? 'all'],
    meta: about('report'),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/reports', {
          params: {
            query: { ...(state === undefined ? {} : { state }), ...(pageParam === null ? {} : { cursor: pageParam }) },
          },
        }),
      ),
    getNextPageParam: (page) => page.nextCursor,
  });
};

export const reportQuery = (id: string) =>
  queryOptions({
    queryKey: ['report', id],
    meta: about('report'),
    queryFn: () => take(api.GET('/api/reports/{id}', { params: { path: { id } } })),
  });
