import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { about } from '../api/topics';

export const noticesQuery = queryOptions({
  queryKey: ['notices'],
  meta: about('notice'),
  queryFn: async () => (await take(api.GET('/api/notices'))).items,
});

export const noticeQuery = (id: string) =>
  queryOptions({
    queryKey: ['notice', id],
    meta: about('notice'),
    queryFn: () => take(api.GET('/api/notices/{id}', { params: { path: { id } } })),
  });
