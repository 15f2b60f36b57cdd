import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { about } from '../api/topics';

export const silosQuery = queryOptions({
  queryKey: ['silos'],
  meta: about('silo', 'incident'),
  refetchInterval: 10_000,
  queryFn: async () => (await take(api.GET('/api/silos'))).items,
});

export const siloQuery = (tenant: string) =>
  queryOptions({
    queryKey: ['silos', tenant],
    meta: about('silo', 'incident'),
    refetchInterval: 10_000,
    queryFn: () => take(api.GET('/api/silos/{tenant}', { params: { path: { tenant } } })),
  });
