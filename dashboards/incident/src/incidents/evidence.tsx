import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Incident } from '../api/types';
import { EvidenceButton } from '../alerts/evidence-view';
import { LevelBadge, VerdictBadge } from '../ui/badges';
import { Hostile } from '../ui/hostile';
import { Loaded, Quiet } from '../ui/loaded';
import { Panel } from '../ui/panel';
import { Ago } from '../ui/time';
import { ActorGraph } from './actor-graph';
import { incidentAlertsQuery } from './incident-queries';

const SHOWN = 10;

/** Who and what was involved, the latest first. */
function Entities({ incident }: { incident: Incident }) {
  const [isOpen, setOpen] = useState(false);
  const isOneSilo = incident.tenants.length === 1;
  const all = [...incident.entities].sort((a, b) => b.lastEventAt.localeCompare(a.lastEventAt));
  return (
    <>
      <table className="sw-table">
        <thead>
          <tr>
            <th>Kind</th>
            <th>Who or what</th>
            {!isOneSilo && <th>Silo</th>}
            <th data-end>Last seen</th>
          </tr>
        </thead>
        <tbody>
          {all.slice(0, isOpen ? all.length : SHOWN).map((entity) => (
            <tr key={`${entity.tenant}-${entity.kind}-${entity.value}`}>
              <td className="sw-dim">{entity.kind}</td>
              <td>
                <Hostile text={entity.value} fold={60} mono />
              </td>
              {!isOneSilo && <td>{entity.tenant}</td>}
              <td data-end className="sw-dim">
                <Ago at={entity.lastEventAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {all.length > SHOWN && (
        <Button variant="subtle" fullWidth size="compact-sm" my={4} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Fewer' : `All ${all.length}`}
        </Button>
      )}
    </>
  );
}

/** What it rests on: the alerts with their raw events, and who and what was involved. */
export function Evidence({ incident }: { incident: Incident }) {
  const alerts = useQuery(incidentAlertsQuery(incident.id));
  return (
    <>
      <Panel
        flush
        title="Alerts"
        more={
          <Link to="/alerts" search={{ incident: incident.id }}>
            Triage them
          </Link>
        }
      >
        <Loaded query={alerts}>
          {(items) =>
            items.length === 0 ? (
              <Quiet title="No alert">
                Alerts that share a silo and an entity with this incident join it by themselves.
              </Quiet>
            ) : (
              <ul className="sw-rows">
                {items.map((alert) => (
                  <li key={alert.id} className="sw-ev">
                    <span className="sw-card-line">
                      <LevelBadge level={alert.level} />
                      <VerdictBadge verdict={alert.verdict} />
                      <span className="sw-grow" />
                      <EvidenceButton alertId={alert.id} />
                    </span>
                    <Link className="sw-link" to="/alerts" search={{ incident: incident.id, open: alert.id }}>
                      <b>
                        <Hostile text={alert.ruleTitle} fold={120} />
                      </b>
                    </Link>
                    <span className="sw-dim">
                      {alert.count.toLocaleString()} {alert.count === 1 ? 'event' : 'events'} on {alert.tenant} · last{' '}
                      <Ago at={alert.lastEventAt} />
                    </span>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
      <Panel flush title="Involved">
        {alerts.data !== undefined && alerts.data.length > 0 && <ActorGraph alerts={alerts.data} />}
        {incident.entities.length === 0 ? (
          <Quiet title="Nobody is named yet">Users, sessions and addresses of its alerts are listed here.</Quiet>
        ) : (
          <Entities incident={incident} />
        )}
      </Panel>
    </>
  );
}
