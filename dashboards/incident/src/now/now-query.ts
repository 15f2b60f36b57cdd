import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { about } from '../api/topics';

/** What is happening now; the rates move without a change to tell of, so it is also asked every ten seconds. */
export const nowQuery = queryOptions({
  queryKey: ['now'],
  meta: about('incident', 'alert', 'page', 'silo', 'schedule'),
  refetchInterval: 10_000,
  queryFn: () => take(api.GET('/api/now')),
});
