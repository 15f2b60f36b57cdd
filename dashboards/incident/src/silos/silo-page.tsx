import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { alertsQuery } from '../alerts/alert-queries';
import type { SiloDetail } from '../api/types';
import { incidentsQuery } from '../incidents/incident-queries';
import { Badge, LevelBadge, SeverityBadge, StatusBadge, VerdictBadge, words } from '../ui/badges';
import { Hostile } from '../ui/hostile';
import { Loaded, Quiet } from '../ui/loaded';
import { Page, Panel } from '../ui/panel';
import { Ago, useNow } from '../ui/time';
import { siloQuery } from './silo-queries';
import { AgentBadge, Count, LastEvent, perSecond, streamTone } from './silo-words';

function Streams({ silo }: { silo: SiloDetail }) {
  const now = useNow();
  return (
    <Panel flush title="Streams">
      {silo.streams.length === 0 ? (
        <Quiet title="No stream">Records put onto its access or audit topic show here within seconds.</Quiet>
      ) : (
        <div className="sw-scroll" tabIndex={0} role="region" aria-label="Streams">
          <table className="sw-table">
            <thead>
              <tr>
                <th>Stream</th>
                <th>Last event</th>
                <th data-end>Rate</th>
                <th data-end>Records behind</th>
                <th data-end>Seconds behind</th>
                <th data-end>Unreadable</th>
                <th data-end>Dead letters</th>
              </tr>
            </thead>
            <tbody>
              {silo.streams.map((stream) => (
                <tr key={stream.stream}>
                  <td>
                    <span className="sw-silo-last">
                      <span className="sw-dot" data-tone={streamTone(stream, now)} />
                      <b>{stream.stream}</b>
                    </span>
                  </td>
                  <td>
                    <LastEvent stream={stream} />
                  </td>
                  <td data-end className="sw-num">
                    {perSecond(stream.eventsPerSecond)}
                  </td>
                  <td data-end>
                    <Count value={stream.lagRecords} />
                  </td>
                  <td data-end>
                    <Count value={Math.round(stream.lagSeconds)} />
                  </td>
                  <td data-end>
                    <Count value={stream.parseFailures} />
                  </td>
                  <td data-end>
                    <Count value={stream.deadLetters} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Incidents({ tenant }: { tenant: string }) {
  const query = useInfiniteQuery(incidentsQuery(undefined));
  return (
    <Panel flush title="Incidents">
      <Loaded query={query}>
        {({ pages }) => {
          const own = pages.flatMap((page) => page.items).filter((incident) => incident.tenants.includes(tenant));
          if (own.length === 0) return <Quiet title="None">Incidents that affect this silo are listed here.</Quiet>;
          return (
            <ul className="sw-rows">
              {own.slice(0, 10).map((incident) => (
                <li key={incident.id}>
                  <Link className="sw-row" to="/incidents/$id" params={{ id: incident.id }}>
                    <SeverityBadge severity={incident.severity} />
                    <span className="sw-grow">
                      <span className="sw-mono sw-dim">{incident.number}</span>{' '}
                      <Hostile text={incident.title} fold={110} />
                    </span>
                    <StatusBadge status={incident.status} />
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

function Alerts({ tenant }: { tenant: string }) {
  const query = useInfiniteQuery(alertsQuery({ tenant }));
  return (
    <Panel
      flush
      title="Latest alerts"
      more={
        <Link to="/alerts" search={{ tenant }}>
          All of this silo
        </Link>
      }
    >
      <Loaded query={query}>
        {({ pages }) => {
          const alerts = pages.flatMap((page) => page.items);
          if (alerts.length === 0)
            return <Quiet title="No alert">A rule that matches this silo’s events raises one here.</Quiet>;
          return (
            <ul className="sw-rows">
              {alerts.slice(0, 8).map((alert) => (
                <li key={alert.id}>
                  <Link className="sw-row" to="/alerts" search={{ tenant, open: alert.id }}>
                    <LevelBadge level={alert.level} />
                    <span className="sw-grow">
                      <Hostile text={alert.ruleTitle} fold={110} />
                    </span>
                    <span className="sw-dim">
                      <Ago at={alert.lastEventAt} />
                    </span>
                    <VerdictBadge verdict={alert.verdict} />
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

function About({ silo }: { silo: SiloDetail }) {
  return (
    <>
      <Panel title="About">
        <dl className="sw-kv">
          <dt>Id</dt>
          <dd className="sw-mono">{silo.tenant}</dd>
          <dt>Notify within</dt>
          <dd>{silo.noticeHours} h by contract</dd>
          <dt>Jurisdictions</dt>
          <dd>{silo.jurisdictions.length === 0 ? 'none named' : silo.jurisdictions.join(', ')}</dd>
          <dt>Time zone</dt>
          <dd>{silo.timeZone}</dd>
          <dt>Language</dt>
          <dd>{silo.language}</dd>
          <dt>Agent</dt>
          <dd>
            <AgentBadge agent={silo.agent} /> {silo.agent.lastSeenAt !== null && <Ago at={silo.agent.lastSeenAt} />}
          </dd>
        </dl>
      </Panel>
      <Panel flush title="Contacts">
        {silo.contacts.length === 0 ? (
          <Quiet title="Nobody can be notified">Add a verified security contact before an incident needs one.</Quiet>
        ) : (
          <ul className="sw-rows">
            {silo.contacts.map((contact) => (
              <li key={contact.id} className="sw-row">
                <span className="sw-grow">
                  <b>
                    <Hostile text={contact.name} fold={60} />
                  </b>{' '}
                  <span className="sw-dim">{words(contact.role)}</span>
                  <br />
                  <Hostile text={contact.email} fold={60} mono />
                </span>
                {contact.isVerified ? <Badge tone="good">Verified</Badge> : <Badge tone="warn">Not verified</Badge>}
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}

/** Everything about one silo. */
export function SiloPage() {
  const { tenant } = useParams({ from: '/inside/silos/$tenant' });
  const query = useQuery(siloQuery(tenant));
  return (
    <Page title={query.data?.name ?? tenant} lead={<Link to="/silos">All silos</Link>}>
      <Loaded query={query} lines={8}>
        {(silo) => (
          <div className="sw-two">
            <div>
              <Streams silo={silo} />
              <Incidents tenant={tenant} />
              <Alerts tenant={tenant} />
            </div>
            <div>
              <About silo={silo} />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
