import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, setCsrfToken, take } from '../api/client';
import { Problem } from '../api/problem';
import { about } from '../api/topics';
import type { Me } from '../api/types';

/** Who is signed in, or null. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  meta: about('user'),
  staleTime: 60_000,
  queryFn: async (): Promise<Me | null> => {
    try {
      const me = await take(api.GET('/api/session'));
      setCsrfToken(me.csrfToken);
      return me;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
});

export const useMe = (): Me | null => useQuery(sessionQuery).data ?? null;

/** Whether the signed-in person's roles include `permission`. The service decides again. */
export const useMay = (permission: string): boolean => useMe()?.permissions.includes(permission) ?? false;
