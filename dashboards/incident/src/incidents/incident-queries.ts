import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { about } from '../api/topics';
import type { TimelineEntry } from '../api/types';

export const incidentsQuery = (status: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['incidents', status ?? 'all'],
    meta: about('incident'),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/incidents', {
          params: {
            query: {
              ...(status === undefined ? {} : { status }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.nextCursor,
  });

export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id],
    meta: about('incident', 'action', 'notice', 'page', 'alert'),
    queryFn: () => take(api.GET('/api/incidents/{id}', { params: { path: { id } } })),
  });

export const actionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id, 'actions'],
    meta: about('action', 'incident'),
    queryFn: async () => (await take(api.GET('/api/incidents/{id}/actions', { params: { path: { id } } }))).items,
  });

export const incidentNoticesQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id, 'notices'],
    meta: about('notice', 'incident'),
    queryFn: async () => (await take(api.GET('/api/notices', { params: { query: { incident: id } } }))).items,
  });

export const incidentAlertsQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id, 'alerts'],
    meta: about('alert', 'incident'),
    queryFn: async () =>
      (await take(api.GET('/api/alerts', { params: { query: { incident: id, limit: 100 } } }))).items,
  });

export const timelineQuery = (id: string, kind: TimelineEntry['kind'] | undefined) =>
  infiniteQueryOptions({
    queryKey: ['incident', id, 'timeline', kind ?? 'all'],
    meta: about('incident', 'action', 'notice', 'page', 'alert'),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/incidents/{id}/timeline', {
          params: {
            path: { id },
            query: { ...(kind === undefined ? {} : { kind }), ...(pageParam === null ? {} : { cursor: pageParam }) },
          },
        }),
      ),
    getNextPageParam: (page) => page.nextCursor,
  });

export const staffQuery = queryOptions({
  queryKey: ['staff'],
  meta: about('user'),
  staleTime: 300_000,
  queryFn: async () => (await take(api.GET('/api/staff'))).items,
});

export const catalogueQuery = queryOptions({
  queryKey: ['catalogue'],
  staleTime: Infinity,
  queryFn: async () => (await take(api.GET('/api/containment/catalogue'))).items,
});
