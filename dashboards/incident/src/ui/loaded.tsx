import { Button, Skeleton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { asProblem } from '../api/problem';

/** What failed, why, and what to do. */
export function ProblemNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (error === null || error === undefined) return null;
  const problem = asProblem(error);
  return (
    <div className="sw-problem" role="alert">
      <IconAlertTriangle size={16} aria-hidden />
      <div className="sw-grow">
        <b>{problem.title}</b>
        {problem.detail !== problem.title && <span>{problem.detail}</span>}
        {problem.missing.length > 0 && (
          <ul>
            {problem.missing.map((entry) => (
              <li key={entry}>{entry}</li>
            ))}
          </ul>
        )}
      </div>
      {onRetry !== undefined && (
        <Button size="compact-sm" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** An empty place that says what would fill it. */
export function Quiet({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className="sw-quiet">
      {icon}
      <b>{title}</b>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  /** Lines of the placeholder, about the size of what comes. */
  lines?: number;
  children: (data: T) => ReactNode;
}

/** Shows the wait, the failure with a way out, or the data. */
export function Loaded<T>({ query, lines = 4, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return (
      <div className="sw-panel-body">
        <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
      </div>
    );
  }
  return (
    <div className="sw-panel-body" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, i) => (
        <Skeleton key={i} height={14} mb={12} width={`${92 - ((i * 17) % 40)}%`} />
      ))}
    </div>
  );
}
