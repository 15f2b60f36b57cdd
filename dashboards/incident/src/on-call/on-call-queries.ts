import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { about } from '../api/topics';

export const onCallQuery = queryOptions({
  queryKey: ['on-call'],
  meta: about('page', 'schedule'),
  queryFn: () => take(api.GET('/api/on-call')),
});
