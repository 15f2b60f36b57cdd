import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { about } from '../api/topics';
import { reportStates } from './report-words';

/** An address that somebody mistyped filters nothing. */
export const reportsQuery = (wanted: string | undefined) => {
  const state = reportStates.find((name) => name === wanted);
  return queryOptions({
    queryKey: ['reports', state ?? 'all'],
    meta: about('report'),
    queryFn: async () =>
      (await take(api.GET('/api/reports', { params: { query: state === undefined ? {} : { state } } }))).items,
  });
};

export const reportQuery = (id: string) =>
  queryOptions({
    queryKey: ['report', id],
    meta: about('report'),
    queryFn: () => take(api.GET('/api/reports/{id}', { params: { path: { id } } })),
  });
