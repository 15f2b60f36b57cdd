import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { EChartsCoreOption } from 'echarts/core';
import { useCallback } from 'react';
import { alertsQuery } from '../alerts/alert-queries';
import type { SiloDetail } from '../api/types';
import { incidentsQuery } from '../incidents/incident-queries';
import { Badge, LevelBadge, SeverityBadge, StatusBadge, VerdictBadge, words } from '../ui/badges';
import { Hostile } from '../ui/hostile';
import { Loaded, Quiet } from '../ui/loaded';
import { Page, Panel } from '../ui/panel';
import { eventLine, minuteAxes } from '../ui/by-the-minute';
import { Chart, type Ink } from '../ui/chart';
import { Ago, roughly, useNow, When } from '../ui/time';
import { siloQuery } from './silo-queries';
import { AgentBadge, Behind, Count, LastEvent, perSecond, SiloState, streamTone } from './silo-words';
import { SiloIntake, SiloWork } from './silo-work';
import './silos.css';

const about = (seconds: number): string => roughly(seconds * 1000);

/** For how long a stream may be silent now. */
function Habit({ habit }: { habit: SiloDetail['habits'][number] | undefined }) {
  if (habit === undefined) return <span className="sw-dim">none yet</span>;
  if (habit.usualSeconds === null) return <>still learned; an alert after {about(habit.allowedSeconds)}</>;
  return (
    <>
      rests {about(Math.max(habit.usualSeconds, 60))} at most at this hour; an alert after {about(habit.allowedSeconds)}
    </>
  );
}

function Streams({ silo }: { silo: SiloDetail }) {
  return (
    <Panel title="Streams">
      <div className="sw-silo-streams">
        {silo.streams.map((stream) => (
          <section key={stream.stream} className="sw-silo-stream" aria-label={`Stream ${stream.stream}`}>
            <h3>
              <span className="sw-dot" data-tone={streamTone(stream)} />
              {stream.stream}
              {stream.silentSince !== null && (
                <Badge tone="bad">
                  Silent <Ago at={stream.silentSince} suffix="" />
                </Badge>
              )}
            </h3>
            <dl className="sw-kv">
              <dt>Last event</dt>
              <dd>
                <LastEvent stream={stream} />
              </dd>
              <dt>Rate</dt>
              <dd className="sw-num">{perSecond(stream.eventsPerSecond)}</dd>
              <dt>Behind</dt>
              <dd className="sw-num">
                <Behind streams={[stream]} />
              </dd>
              <dt>Unreadable</dt>
              <dd className="sw-num">
                <Count value={stream.parseFailures} />
              </dd>
              <dt>Dead letters</dt>
              <dd className="sw-num">
                <Count value={stream.deadLetters} />
              </dd>
              <dt>Habit</dt>
              <dd>
                <Habit habit={silo.habits.find((habit) => habit.stream === stream.stream)} />
              </dd>
            </dl>
          </section>
        ))}
      </div>
    </Panel>
  );
}

function Events({ silo }: { silo: SiloDetail }) {
  const { rates } = silo;
  const most = Math.max(0, ...rates.map(({ events }) => events));
  const option = useCallback((ink: Ink): EChartsCoreOption => eventsOption(ink, rates), [rates]);
  return (
    <Panel title="Events a minute" more={<span className="sw-dim">the last three hours</span>}>
      {most === 0 ? (
        <Quiet title="Nothing came">Records put onto its access or audit topic show here within a minute.</Quiet>
      ) : (
        <Chart
          label={`Events a minute over the last three hours, at most ${most.toLocaleString()}`}
          height={150}
          option={option}
        />
      )}
    </Panel>
  );
}

const eventsOption = (ink: Ink, rates: SiloDetail['rates']): EChartsCoreOption => ({
  ...minuteAxes(
    ink,
    rates.map(({ at }) => at),
    30,
  ),
  series: [
    eventLine(
      ink,
      rates.map(({ events }) => events),
    ),
  ],
});

function DeadLetters({ silo }: { silo: SiloDetail }) {
  return (
    <Panel flush title="Dead letters">
      {silo.deadLetters.length === 0 ? (
        <Quiet title="None">Records that cannot be used are put aside and counted here, by reason.</Quiet>
      ) : (
        <>
          <div className="sw-scroll" tabIndex={0} role="region" aria-label="Dead letters by reason">
            <table className="sw-table">
              <thead>
                <tr>
                  <th>Reason</th>
                  <th>Stream</th>
                  <th>Format named</th>
                  <th data-end>Records</th>
                  <th>Latest</th>
                  <th>Where</th>
                </tr>
              </thead>
              <tbody>
                {silo.deadLetters.map((letter) => (
                  <tr key={`${letter.stream} ${letter.reason} ${letter.format}`}>
                    <td>
                      <b>{words(letter.reason)}</b>
                    </td>
                    <td>{letter.stream}</td>
                    <td>{letter.format}</td>
                    <td data-end className="sw-num">
                      {letter.records.toLocaleString()}
                    </td>
                    <td>
                      <Ago at={letter.lastAt} />
                    </td>
                    <td className="sw-mono sw-dim">
                      {letter.topic}/{letter.partition} @ {letter.offset}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className="sw-panel-body sw-dim">
            Read them with <code className="sw-silo-code">npx silowatch dead-letters list --tenant {silo.tenant}</code>;
            once the cause is mended,{' '}
            <code className="sw-silo-code">npx silowatch dead-letters replay --tenant {silo.tenant}</code> reads each
            again, once.
          </p>
        </>
      )}
    </Panel>
  );
}

function Silences({ silo }: { silo: SiloDetail }) {
  return (
    <Panel flush title="Silences">
      {silo.silences.length === 0 ? (
        <Quiet title="None noticed">A stream that rests for longer than its habit raises an alert.</Quiet>
      ) : (
        <ul className="sw-rows">
          {silo.silences.map((silence) => (
            <li key={silence.alertId}>
              <Link className="sw-row" to="/alerts" search={{ tenant: silo.tenant, open: silence.alertId }}>
                <span className="sw-grow">
                  <b>{silence.stream}</b> <When at={silence.since} />
                </span>
                {silence.endedAt === null ? (
                  <Badge tone="bad">Silent</Badge>
                ) : (
                  <span className="sw-dim">
                    {roughly(Date.parse(silence.endedAt) - Date.parse(silence.since))}, then spoke again
                  </span>
                )}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

const OLD_MS = 180 * 24 * 3_600_000;

function Credentials({ silo }: { silo: SiloDetail }) {
  const now = useNow();
  return (
    <Panel flush title="Credentials">
      {silo.credentials.length === 0 ? (
        <Quiet title="None">A silo that sends by itself has principals at the broker, or a token for HTTP.</Quiet>
      ) : (
        <ul className="sw-rows">
          {silo.credentials.map(({ kind, issuedAt, rotatedAt, expiresAt, lastUsedAt }) => {
            const at = rotatedAt ?? issuedAt;
            return (
              <li key={`${kind} ${issuedAt}`} className="sw-row">
                <span className="sw-grow">
                  <b>{kind === 'intake' ? 'HTTP token' : words(kind)}</b>{' '}
                  <span className="sw-dim">
                    {rotatedAt === null ? 'issued' : 'rotated'} <Ago at={at} />
                    {kind === 'intake' && (
                      <>
                        ,{' '}
                        {lastUsedAt === null ? (
                          'never used'
                        ) : (
                          <>
                            used <Ago at={lastUsedAt} />
                          </>
                        )}
                      </>
                    )}
                  </span>
                </span>
                {expiresAt !== null && <Badge>Ends in {roughly(Date.parse(expiresAt) - now)}</Badge>}
                {expiresAt === null && now - Date.parse(at) > OLD_MS && <Badge tone="warn">Rotate</Badge>}
              </li>
            );
          })}
        </ul>
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
    <Page
      title={query.data?.name ?? tenant}
      lead={<Link to="/silos">All silos</Link>}
      more={query.data === undefined ? undefined : <SiloState silo={query.data} />}
    >
      <Loaded query={query} lines={8}>
        {(silo) => (
          <div className="sw-two">
            <div>
              <Streams silo={silo} />
              <Events silo={silo} />
              <DeadLetters silo={silo} />
              <Incidents tenant={tenant} />
              <Alerts tenant={tenant} />
              <SiloWork silo={silo} />
              <SiloIntake silo={silo} />
            </div>
            <div>
              <About silo={silo} />
              <Silences silo={silo} />
              <Credentials silo={silo} />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
