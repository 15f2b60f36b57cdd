import { SegmentedControl } from '@mantine/core';
import { IconClipboardCheck } from '@tabler/icons-react';
import { queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, take } from '../api/client';
import { about } from '../api/topics';
import type { CorrectiveAction } from '../api/types';
import { incidentsQuery } from '../incidents/incident-queries';
import '../incidents/incident.css';
import { SeverityBadge } from '../ui/badges';
import { Hostile } from '../ui/hostile';
import { Loaded, Quiet } from '../ui/loaded';
import { Page, Panel } from '../ui/panel';
import { CorrectiveActionBadge, CorrectiveActionButtons, TrackerLink } from './corrective-action-item';

const correctiveActionsQuery = (state: string) =>
  queryOptions({
    queryKey: ['corrective-actions', state],
    meta: about('incident'),
    queryFn: async () =>
      (await take(api.GET('/api/corrective-actions', { params: { query: state === 'all' ? {} : { state } } }))).items,
  });

const choices = [
  { value: 'open', label: 'Open' },
  { value: 'done', label: 'To verify' },
  { value: 'verified', label: 'Verified' },
  { value: 'all', label: 'All' },
];

function ActionTable({ actions }: { actions: readonly CorrectiveAction[] }) {
  return (
    <div className="sw-scroll" tabIndex={0} role="region" aria-label="Corrective actions">
      <table className="sw-table">
        <thead>
          <tr>
            <th>State</th>
            <th>What will be different</th>
            <th>Owner</th>
            <th>Due</th>
            <th>Incident</th>
            <th>Tracker</th>
            <th>
              <span className="sw-hidden">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {[...actions]
            .sort((a, b) => a.dueOn.localeCompare(b.dueOn))
            .map((action) => (
              <tr key={action.id}>
                <td>
                  <CorrectiveActionBadge action={action} />
                </td>
                <td>
                  <Hostile text={action.title} />
                </td>
                <td>{action.owner.name}</td>
                <td className="sw-num">{action.dueOn}</td>
                <td>
                  <Link to="/incidents/$id" params={{ id: action.incidentId }}>
                    {action.number ?? 'Incident'}
                  </Link>
                </td>
                <td>
                  <TrackerLink url={action.trackerUrl} />
                </td>
                <td>
                  <CorrectiveActionButtons action={action} />
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

function ToReview() {
  const query = useInfiniteQuery(incidentsQuery('contained,resolved'));
  return (
    <Panel flush title="Incidents to be reviewed">
      <Loaded query={query}>
        {({ pages }) => {
          const waiting = pages
            .flatMap((page) => page.items)
            .filter((incident) =>
              incident.workstreams.some(
                ({ kind, state }) => kind === 'review' && state !== 'done' && state !== 'waived',
              ),
            );
          if (waiting.length === 0)
            return <Quiet title="None waits">An incident that is contained and not yet reviewed is listed here.</Quiet>;
          return (
            <ul className="sw-rows">
              {waiting.map((incident) => (
                <li key={incident.id}>
                  <Link className="sw-row" to="/incidents/$id" params={{ id: incident.id }}>
                    <SeverityBadge severity={incident.severity} />
                    <span className="sw-grow">
                      <span className="sw-mono sw-dim">{incident.number}</span>{' '}
                      <Hostile text={incident.title} fold={120} />
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
}

/** What was promised after incidents, and whether it was done. */
export function ReviewsPage() {
  const [state, setState] = useState('open');
  const query = useQuery(correctiveActionsQuery(state));
  return (
    <Page
      title="Reviews"
      lead="Corrective actions live on after their incident is closed, until somebody else has verified them."
      more={<SegmentedControl aria-label="Which actions" size="xs" data={choices} value={state} onChange={setState} />}
    >
      <Panel flush title="Corrective actions">
        <Loaded query={query} lines={6}>
          {(actions) =>
            actions.length === 0 ? (
              <Quiet icon={<IconClipboardCheck size={26} stroke={1.5} />} title="None here">
                They are added in an incident’s workstream Review, each with an owner, a due date and a tracker link.
              </Quiet>
            ) : (
              <ActionTable actions={actions} />
            )
          }
        </Loaded>
      </Panel>
      <ToReview />
    </Page>
  );
}
