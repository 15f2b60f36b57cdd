import { IconBuilding } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Silo } from '../api/types';
import { Badge } from '../ui/badges';
import { Loaded, Quiet } from '../ui/loaded';
import { Page } from '../ui/panel';
import { useNow } from '../ui/time';
import { useListKeys } from '../ui/use-list-keys';
import { silosQuery } from './silo-queries';
import { AgentBadge, Count, LastEvent, perSecond, type Stream, streamTone } from './silo-words';

function StreamCells({ stream }: { stream: Stream | undefined }) {
  const now = useNow();
  if (stream === undefined) {
    return (
      <td colSpan={3} className="sw-dim">
        no stream
      </td>
    );
  }
  return (
    <>
      <td>
        <span className="sw-silo-last">
          <span className="sw-dot" data-tone={streamTone(stream, now)} />
          <LastEvent stream={stream} />
        </span>
      </td>
      <td data-end className="sw-num">
        {perSecond(stream.eventsPerSecond)}
      </td>
      <td data-end className="sw-num">
        <Count value={stream.lagRecords} />
      </td>
    </>
  );
}

function SiloRow({ silo }: { silo: Silo }) {
  const find = (name: string): Stream | undefined => silo.streams.find((stream) => stream.stream === name);
  const deadLetters = silo.streams.reduce((sum, stream) => sum + stream.deadLetters, 0);
  return (
    <tr data-open>
      <td>
        <Link className="sw-link" to="/silos/$tenant" params={{ tenant: silo.tenant }} data-row>
          <b>{silo.name}</b> <span className="sw-mono sw-dim">{silo.tenant}</span>
        </Link>
        {silo.state === 'removed' && <Badge>Removed</Badge>}
      </td>
      <StreamCells stream={find('access')} />
      <StreamCells stream={find('audit')} />
      <td data-end className="sw-num">
        <Count value={deadLetters} />
      </td>
      <td>
        <AgentBadge agent={silo.agent} />
      </td>
      <td data-end>
        <Count value={silo.openIncidents} />
      </td>
    </tr>
  );
}

/** On narrow screens: one card a silo. */
function SiloCard({ silo }: { silo: Silo }) {
  const now = useNow();
  return (
    <Link to="/silos/$tenant" params={{ tenant: silo.tenant }} className="sw-panel sw-silo-card" data-row>
      <span className="sw-silo-card-head">
        <b className="sw-grow">{silo.name}</b>
        <AgentBadge agent={silo.agent} />
        {silo.openIncidents > 0 && <Badge tone="bad">{silo.openIncidents} open</Badge>}
      </span>
      {silo.streams.map((stream) => (
        <span key={stream.stream} className="sw-silo-last">
          <span className="sw-dot" data-tone={streamTone(stream, now)} />
          <span className="sw-grow">
            {stream.stream} · <LastEvent stream={stream} />
          </span>
          <span className="sw-num sw-dim">
            {perSecond(stream.eventsPerSecond)}
            {stream.lagRecords > 0 && ` · ${stream.lagRecords.toLocaleString()} behind`}
          </span>
        </span>
      ))}
    </Link>
  );
}

/** One row a silo: is it speaking, are we keeping up, is its agent there. */
export function SilosPage() {
  const query = useQuery(silosQuery);
  const list = useListKeys<HTMLTableSectionElement>();
  return (
    <Page
      title="Silos"
      lead="A silo is one customer’s own environment. Lag counts records that are in the log and not yet read."
    >
      <Loaded query={query} lines={6}>
        {(silos) =>
          silos.length === 0 ? (
            <div className="sw-panel">
              <Quiet icon={<IconBuilding size={26} stroke={1.5} />} title="No silo yet">
                <span className="sw-mono">npx silowatch silo add</span> provisions one; it shows here without a restart.
              </Quiet>
            </div>
          ) : (
            <>
              <div className="sw-panel sw-scroll sw-silo-wide" tabIndex={0} role="region" aria-label="Silos">
                <table className="sw-table">
                  <thead>
                    <tr>
                      <th>Silo</th>
                      <th>Access: last</th>
                      <th data-end>Rate</th>
                      <th data-end>Lag</th>
                      <th>Audit: last</th>
                      <th data-end>Rate</th>
                      <th data-end>Lag</th>
                      <th data-end>Dead letters</th>
                      <th>Agent</th>
                      <th data-end>Open incidents</th>
                    </tr>
                  </thead>
                  <tbody ref={list}>
                    {silos.map((silo) => (
                      <SiloRow key={silo.tenant} silo={silo} />
                    ))}
                  </tbody>
                </table>
              </div>
              <div className="sw-silo-narrow">
                {silos.map((silo) => (
                  <SiloCard key={silo.tenant} silo={silo} />
                ))}
              </div>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
