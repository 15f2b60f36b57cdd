import { IconCircleCheck, IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { IncidentSummary, Now } from '../api/types';
import { Loaded, Quiet } from '../ui/loaded';
import { Page, Panel } from '../ui/panel';
import { Ago, When } from '../ui/time';
import { useListKeys } from '../ui/use-list-keys';
import { IncidentRow } from './incident-row';
import { nowQuery } from './now-query';
import { Rates } from './rates';
import './now.css';

const bySeverity = (a: IncidentSummary, b: IncidentSummary): number =>
  a.severity.localeCompare(b.severity) || a.openedAt.localeCompare(b.openedAt);

function OpenIncidents({ incidents }: { incidents: readonly IncidentSummary[] }) {
  const list = useListKeys<HTMLUListElement>();
  return (
    <Panel flush title={`Open incidents · ${incidents.length}`} more={<Link to="/incidents">All incidents</Link>}>
      {incidents.length === 0 ? (
        <Quiet icon={<IconShieldCheck size={26} stroke={1.5} />} title="Nothing is burning">
          An incident opens here by itself when an alert of level high or critical is raised, or when you open one from
          an alert.
        </Quiet>
      ) : (
        <ul className="sw-rows" ref={list}>
          {[...incidents].sort(bySeverity).map((incident) => (
            <li key={incident.id}>
              <IncidentRow incident={incident} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function OnCallNow({ onCall }: { onCall: Now['onCall'] }) {
  return (
    <Panel flush title="On call" more={<Link to="/on-call">Calendar</Link>}>
      {onCall.length === 0 ? (
        <Quiet title="Nobody is on call">
          A page would reach no one. An administrator adds a schedule with people in it.
        </Quiet>
      ) : (
        <ul className="sw-rows">
          {onCall.map((shift) => (
            <li key={shift.schedule} className="sw-row">
              <span className="sw-dot" data-tone="good" />
              <span className="sw-grow">
                <b>{shift.staffName}</b>
                <br />
                <span className="sw-dim">{shift.schedule}</span>
              </span>
              {shift.until !== null && (
                <span className="sw-dim">
                  <When at={shift.until} label="until" />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function SilosToLookAt({ silos }: { silos: Now['silosNeedingLook'] }) {
  return (
    <Panel flush title="Silos to look at" more={<Link to="/silos">All silos</Link>}>
      {silos.length === 0 ? (
        <Quiet icon={<IconCircleCheck size={22} stroke={1.5} />} title="All silos speak">
          One that is silent, late or without its agent is named here.
        </Quiet>
      ) : (
        <ul className="sw-rows">
          {silos.map((silo) => (
            <li key={`${silo.tenant}-${silo.why}`}>
              <Link className="sw-row" to="/silos/$tenant" params={{ tenant: silo.tenant }}>
                <span className="sw-dot" data-tone="warn" />
                <span className="sw-grow">
                  <b>{silo.tenant}</b>
                  <br />
                  <span className="sw-dim">{silo.why}</span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function BrokenPromises({ promises }: { promises: Now['brokenPromises'] }) {
  return (
    <Panel flush title="Promises broken">
      {promises.length === 0 ? (
        <Quiet icon={<IconCircleCheck size={22} stroke={1.5} />} title="None that is known of">
          A promise to customers is listed when an alert that bears on it is open.
        </Quiet>
      ) : (
        <ul className="sw-rows">
          {promises.map((promise) => (
            <li key={promise.promise} className="sw-row">
              <span className="sw-dot" data-tone="bad" />
              <b className="sw-grow">{promise.promise}</b>
              <span className="sw-dim">
                {promise.alerts} {promise.alerts === 1 ? 'alert' : 'alerts'} · since{' '}
                <Ago at={promise.since} suffix="" />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Is something burning, who is on it, is it working. */
export function NowPage() {
  const query = useQuery(nowQuery);
  return (
    <Page title="Now">
      <Loaded query={query} lines={8}>
        {(now) => (
          <div className="sw-now">
            <div className="sw-now-main">
              <OpenIncidents incidents={now.incidents} />
              <Rates rates={now.rates} />
            </div>
            <div className="sw-now-side">
              <OnCallNow onCall={now.onCall} />
              <SilosToLookAt silos={now.silosNeedingLook} />
              <BrokenPromises promises={now.brokenPromises} />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
