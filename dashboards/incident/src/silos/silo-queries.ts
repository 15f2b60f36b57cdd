import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { about } from '../api/topics';

/** All silos by name, for lists to choose from. */
export const silosQuery = queryOptions({
  queryKey: ['silo-names'],
  staleTime: 60_000,
  queryFn: async () => (await take(api.GET('/api/silo-names'))).items,
});

export const orders = ['name', 'lag', 'rate', 'quiet', 'dead-letters', 'incidents'] as const;
export type SiloOrder = (typeof orders)[number];

/** What of the list is looked at, as it stands in the page's address. */
export interface SiloSearch {
  q?: string;
  order?: string;
  show?: string;
}

export const orderOf = ({ order }: SiloSearch): SiloOrder => orders.find((name) => name === order) ?? 'name';

const PAGE = 50;

/** One page of the list. What is shown stays while the next is on its way. */
export const siloPageQuery = (search: SiloSearch, cursor: string | undefined) =>
  queryOptions({
    queryKey: ['silos', 'list', search, cursor],
    meta: about('silo', 'incident'),
    placeholderData: keepPreviousData,
    queryFn: () =>
      take(
        api.GET('/api/silos', {
          params: {
            query: {
              limit: PAGE,
              order: orderOf(search),
              show: search.show === 'trouble' ? 'trouble' : 'all',
              ...(search.q === undefined ? {} : { q: search.q }),
              ...(cursor === undefined ? {} : { cursor }),
            },
          },
        }),
      ),
  });

export const siloQuery = (tenant: string) =>
  queryOptions({
    queryKey: ['silos', 'one', tenant],
    meta: about('silo', 'incident'),
    queryFn: () => take(api.GET('/api/silos/{tenant}', { params: { path: { tenant } } })),
  });
