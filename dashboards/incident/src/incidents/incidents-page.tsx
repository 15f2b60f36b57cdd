import { SegmentedControl } from '@mantine/core';
import { IconFlame } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { IncidentSummary } from '../api/types';
import { Steps } from '../now/incident-row';
import '../now/now.css';
import { SeverityBadge, StatusBadge } from '../ui/badges';
import { ClockLeft } from '../ui/clock-bar';
import { Hostile } from '../ui/hostile';
import { Loaded, Quiet } from '../ui/loaded';
import { Page } from '../ui/panel';
import { When } from '../ui/time';
import { useListKeys } from '../ui/use-list-keys';
import { Older } from '../ui/older';
import { incidentsQuery } from './incident-queries';

const choices = [
  { value: 'running', label: 'Running' },
  { value: 'closed', label: 'Closed' },
  { value: 'false_positive,duplicate', label: 'Dismissed' },
  { value: 'all', label: 'All' },
];

function IncidentTable({ incidents }: { incidents: readonly IncidentSummary[] }) {
  const list = useListKeys<HTMLTableSectionElement>();
  return (
    <div className="sw-panel sw-scroll" tabIndex={0} role="region" aria-label="Incidents">
      <table className="sw-table">
        <thead>
          <tr>
            <th>Severity</th>
            <th>Incident</th>
            <th>Status</th>
            <th>Silos</th>
            <th>Workstreams</th>
            <th>Commander</th>
            <th>Next deadline</th>
            <th data-end>Opened</th>
          </tr>
        </thead>
        <tbody ref={list}>
          {incidents.map((incident) => (
            <tr key={incident.id} data-open>
              <td>
                <SeverityBadge severity={incident.severity} />
              </td>
              <td>
                <Link className="sw-link" to="/incidents/$id" params={{ id: incident.id }} data-row>
                  <span className="sw-mono sw-dim">{incident.number}</span>{' '}
                  <b>
                    <Hostile text={incident.title} fold={140} />
                  </b>
                </Link>
              </td>
              <td>
                <StatusBadge status={incident.status} />
              </td>
              <td>{incident.tenants.join(', ')}</td>
              <td>
                <Steps incident={incident} />
              </td>
              <td>{incident.commander?.name ?? <span className="sw-dim">nobody</span>}</td>
              <td>
                {incident.nextClock === null ? (
                  <span className="sw-dim">none</span>
                ) : (
                  <ClockLeft clock={incident.nextClock} />
                )}
              </td>
              <td data-end className="sw-dim">
                <When at={incident.openedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** All incidents, newest first. */
export function IncidentsPage() {
  const { status = 'running' } = useSearch({ from: '/inside/incidents' });
  const navigate = useNavigate({ from: '/incidents' });
  const query = useInfiniteQuery(incidentsQuery(status === 'all' ? undefined : status));
  return (
    <Page
      title="Incidents"
      lead="Status follows from the four workstreams; nobody sets it."
      more={
        <SegmentedControl
          aria-label="Which incidents"
          size="xs"
          data={choices}
          value={status}
          onChange={(value) => void navigate({ search: { status: value } })}
        />
      }
    >
      <Loaded query={query} lines={8}>
        {({ pages }) => {
          const incidents = pages.flatMap((page) => page.items);
          if (incidents.length === 0) {
            return (
              <div className="sw-panel">
                <Quiet icon={<IconFlame size={26} stroke={1.5} />} title="No incident here">
                  One opens by itself when an alert of level high or critical is raised, or when you open it from an
                  alert.
                </Quiet>
              </div>
            );
          }
          return <IncidentTable incidents={incidents} />;
        }}
      </Loaded>
      <Older query={query} />
    </Page>
  );
}
