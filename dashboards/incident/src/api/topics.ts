import type { Query } from '@tanstack/react-query';

/** What the live stream speaks about. */
export type Topic = 'incident' | 'alert' | 'page' | 'silo' | 'notice' | 'report' | 'action' | 'user' | 'schedule';

interface About extends Record<string, unknown> {
  topics?: readonly Topic[];
}

/** Says in a query's `meta` which changes make it stale. */
export const about = (...topics: Topic[]): About => ({ topics });

/** Whether a query is made stale by a change of any of `topics`. */
export const concerns =
  (topics: readonly Topic[]) =>
  (query: Query): boolean =>
    ((query.meta as About | undefined)?.topics ?? []).some((topic) => topics.includes(topic));
