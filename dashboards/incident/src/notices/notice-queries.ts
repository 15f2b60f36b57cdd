import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { about } from '../api/topics';

export const noticesQuery = infiniteQueryOptions({
  queryKey: ['notices'],
  meta: about('notice'),
  initialPageParam: null as string | null,
  queryFn: ({ pageParam }) =>
    take(api.GET('/api/notices', { params: { query: pageParam === null ? {} : { cursor: pageParam } } })),
  getNextPageParam: (page) => page.nextCursor,
});

export const noticeQuery = (id: string) =>
  queryOptions({
    queryKey: ['notice', id],
    meta: about('notice'),
    queryFn: () => take(api.GET('/api/notices/{id}', { params: { path: { id } } })),
  });
