import { QueryClient } from '@tanstack/react-query';
import { Problem } from '../api/problem';

const isWorthRepeating = (error: unknown): boolean => !(error instanceof Problem) || error.status >= 500;

/** Answers stay fresh until the live stream says otherwise; a poll each minute covers what it might miss. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchInterval: 60_000,
      retry: (failures, error) => failures < 2 && isWorthRepeating(error),
    },
  },
});
