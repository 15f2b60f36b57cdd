import { Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { IncidentSummary } from '../api/types';
import { SeverityBadge, StatusBadge, words } from '../ui/badges';
import { ClockBar } from '../ui/clock-bar';
import { Hostile } from '../ui/hostile';
import { Elapsed } from '../ui/time';

/** How far the four workstreams are. */
export function Steps({ incident }: { incident: IncidentSummary }) {
  const said = incident.workstreams
    .map(({ kind, state }) => `${words(kind)}: ${words(state).toLowerCase()}`)
    .join(' · ');
  if (said === '') return <span>Not assessed yet</span>;
  return (
    <Tooltip label={said}>
      <span className="sw-steps" role="img" aria-label={said}>
        {incident.workstreams.map(({ kind, state }) => (
          <i key={kind} data-state={state} />
        ))}
      </span>
    </Tooltip>
  );
}

/** One open incident on the Now page: how bad, what, who, since when, and the next deadline. */
export function IncidentRow({ incident }: { incident: IncidentSummary }) {
  return (
    <Link
      to="/incidents/$id"
      params={{ id: incident.id }}
      className="sw-fire"
      data-row
      data-severity={incident.severity}
    >
      <span className="sw-fire-stripe" aria-hidden />
      <span>
        <SeverityBadge severity={incident.severity} />
      </span>
      <span>
        <span className="sw-fire-title">
          <Hostile text={incident.title} fold={160} />
        </span>
        <span className="sw-fire-line">
          <span className="sw-mono">{incident.number}</span>
          <span>{incident.tenants.join(', ')}</span>
          <StatusBadge status={incident.status} />
          <span>{incident.commander === null ? 'No commander' : incident.commander.name}</span>
          {incident.acknowledgedAt === null && <b>Not acknowledged</b>}
        </span>
      </span>
      <span>
        <span className="sw-fire-open">
          <Elapsed since={incident.openedAt} />
        </span>
        <span className="sw-fire-line">
          <Steps incident={incident} />
        </span>
      </span>
      <span className="sw-fire-clock">
        {incident.nextClock === null ? (
          <span className="sw-dim">No deadline running</span>
        ) : (
          <ClockBar clock={incident.nextClock} />
        )}
      </span>
    </Link>
  );
}
