import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { concerns, type Topic } from '../api/topics';
import { sessionQuery } from './session';

export type LiveState = 'connecting' | 'live' | 'lost';

const GATHER_MS = 250;
const RETRY_MS = 4000;

const topicOf = (data: unknown): Topic | undefined => {
  try {
    return (JSON.parse(String(data)) as { topic?: Topic }).topic;
  } catch {
    return undefined;
  }
};

/**
 * Follows the service's stream of changes and asks again for what they make stale. A lost stream is retried every four seconds, and once
 * it is back everything on the page is asked again, since what happened meanwhile was not told.
 */
export function useLive(): LiveState {
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let gather: ReturnType<typeof setTimeout> | undefined;
    let wasLost = false;
    const changed = new Set<Topic>();
    const flush = (): void => {
      gather = undefined;
      const topics = [...changed];
      changed.clear();
      void queries.invalidateQueries({ predicate: concerns(topics) });
    };
    const onChange = (event: MessageEvent): void => {
      const topic = topicOf(event.data);
      if (topic === undefined) return;
      changed.add(topic);
      gather ??= setTimeout(flush, GATHER_MS);
    };
    const connect = (): void => {
      source = new EventSource('/api/stream');
      source.onopen = () => {
        setState('live');
        if (wasLost) void queries.invalidateQueries();
        wasLost = false;
      };
      source.onmessage = onChange;
      source.addEventListener('change', onChange);
      // Something may have been missed.
      source.addEventListener('reset', () => void queries.invalidateQueries());
      source.onerror = () => {
        source?.close();
        wasLost = true;
        setState('lost');
        // The stream also ends with the session: then the next page is the sign-in.
        void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
        retry = setTimeout(connect, RETRY_MS);
      };
    };
    connect();
    return () => {
      source?.close();
      clearTimeout(retry);
      clearTimeout(gather);
    };
  }, [queries]);
  return state;
}
