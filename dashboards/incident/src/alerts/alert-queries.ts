import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { about } from '../api/topics';

const levels = ['critical', 'high', 'medium', 'low', 'informational'] as const;
const verdicts = ['none', 'true_positive', 'false_positive', 'benign'] as const;

/** The filters of the triage queue, as they stand in the page's address. */
export interface AlertFilter {
  level?: string;
  tenant?: string;
  verdict?: string;
  incident?: string;
  q?: string;
}

/** What the service understands of them; an address that somebody mistyped filters less, not wrongly. */
const understood = ({ level, verdict, ...others }: AlertFilter) => {
  const knownLevel = levels.find((name) => name === level);
  const knownVerdict = verdicts.find((name) => name === verdict);
  return {
    ...others,
    ...(knownLevel === undefined ? {} : { level: knownLevel }),
    ...(knownVerdict === undefined ? {} : { verdict: knownVerdict }),
  };
};

export const alertsQuery = (filter: AlertFilter) =>
  infiniteQueryOptions({
    queryKey: ['alerts', filter],
    meta: about('alert'),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/alerts', {
          params: {
            query: { ...understood(filter), limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) },
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
