import type { ReactNode } from 'react';
import type { SiloDetail, SiloList } from '../api/types';
import { words } from '../ui/badges';
import { Quiet } from '../ui/loaded';
import { Panel } from '../ui/panel';
import { Ago } from '../ui/time';
import { Count } from './silo-words';

const short = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

/** `0.4 ms`, `12 ms`, `1.3 s`: what work takes. */
function took(seconds: number): string {
  return seconds < 1 ? `${short.format(seconds * 1000)} ms` : `${short.format(seconds)} s`;
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kib = bytes / 1024;
  return kib < 1024 ? `${short.format(kib)} KiB` : `${short.format(kib / 1024)} MiB`;
}

const perTime = (seconds: number, times: number): string => (times === 0 ? '–' : took(seconds / times));

function Table({ label, heads, children }: { label: string; heads: readonly string[]; children: ReactNode }) {
  return (
    <div className="sw-scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="sw-table">
        <thead>
          <tr>
            {heads.map((head, i) => (
              <th key={head} data-end={i === 0 ? undefined : true}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

type Kept = SiloDetail['kept'];

/** What counting takes, and what is being counted between events: groups and what they take. */
function State({ kept, counted }: { kept: Kept; counted?: SiloDetail['counted'] }) {
  return (
    <dl className="sw-kv sw-silo-state">
      {counted !== undefined && (
        <>
          <dt>Signals</dt>
          <dd>
            {counted === null ? (
              <span className="sw-dim">none yet</span>
            ) : (
              <>
                <b className="sw-num">{counted.signals.toLocaleString()}</b> counted ·{' '}
                <span className="sw-num">{took(counted.latestSeconds)}</span> each lately ·{' '}
                <span className="sw-num">{perTime(counted.seconds, counted.signals)}</span> ever since{' '}
                <span className="sw-dim">
                  as of <Ago at={counted.latestAt} />
                </span>
              </>
            )}
          </dd>
        </>
      )}
      <dt>State</dt>
      <dd>
        {kept === null ? (
          <span className="sw-dim">not measured yet</span>
        ) : (
          <>
            <b className="sw-num">{kept.groups.toLocaleString()}</b> {kept.groups === 1 ? 'group' : 'groups'} ·{' '}
            <span className="sw-num">{size(kept.bytes)}</span>{' '}
            <span className="sw-dim">
              as of <Ago at={kept.measuredAt} />
            </span>
          </>
        )}
      </dd>
    </dl>
  );
}

/** What reading a silo takes, and what is kept of it. */
export function SiloWork({ silo }: { silo: SiloDetail }) {
  return (
    <Panel flush title="Work">
      <Table
        label="Work by stream"
        heads={['Stream', 'Batches', 'Match, lately', 'Send, lately', 'Both, ever since', 'Rebalances']}
      >
        {silo.streams.map(({ stream, batches, rebalances, rebalancedAt }) => (
          <tr key={stream}>
            <td>
              <b>{stream}</b>
            </td>
            <td data-end className="sw-num">
              <Count value={batches.count} />
            </td>
            <td data-end className="sw-num">
              {batches.latest === null ? '–' : took(batches.latest.matchSeconds)}
            </td>
            <td data-end className="sw-num">
              {batches.latest === null ? '–' : took(batches.latest.sendSeconds)}
            </td>
            <td data-end className="sw-num">
              {perTime(batches.matchSeconds + batches.sendSeconds, batches.count)}
            </td>
            <td data-end className="sw-num">
              <Count value={rebalances} />
              {rebalancedAt !== null && (
                <>
                  {' '}
                  · <Ago at={rebalancedAt} />
                </>
              )}
            </td>
          </tr>
        ))}
      </Table>
      <State kept={silo.kept} counted={silo.counted} />
      <p className="sw-silo-help">
        Of one batch: to parse and match it, and to send on what came of it. Rebalances: how often an instance took the
        stream up as readers shared streams out anew; none without Kafka. Signals: what its records set off, and its
        share of the transactions that counted them. State: what rules that count keep of this silo between events;
        rules across silos keep theirs apart.
      </p>
    </Panel>
  );
}

/** The answers' words: what was asked and what became of it. */
const outcomes: Record<SiloDetail['intake'][number]['outcome'], { word: string; what: string }> = {
  accepted: { word: 'Accepted', what: 'records' },
  put_aside: { word: 'Put aside', what: 'records' },
  left_out: { word: 'Left out', what: 'records' },
  rejected: { word: 'Rejected', what: 'requests' },
  throttled: { word: 'Throttled', what: 'requests' },
};

/** What came over HTTP, by what became of it. */
export function SiloIntake({ silo }: { silo: SiloDetail }) {
  return (
    <Panel flush title="Over HTTP">
      {silo.intake.length === 0 ? (
        <Quiet title="Nothing came over HTTP">
          A silo that does not speak Kafka sends with a token of its own:{' '}
          <code className="sw-silo-code">npx silowatch silo add {silo.tenant} --intake</code> makes one.
        </Quiet>
      ) : (
        <>
          <Table label="What came over HTTP" heads={['Outcome', 'Count', 'Latest']}>
            {silo.intake.map(({ outcome, reason, count, lastAt }) => (
              <tr key={`${outcome} ${reason}`}>
                <td>
                  <b>{outcomes[outcome].word}</b>{' '}
                  {outcome !== 'accepted' && <span className="sw-dim">{words(reason).toLowerCase()}</span>}
                </td>
                <td data-end className="sw-num">
                  {count.toLocaleString()} <span className="sw-dim">{outcomes[outcome].what}</span>
                </td>
                <td data-end>
                  <Ago at={lastAt} />
                </td>
              </tr>
            ))}
          </Table>
          <p className="sw-silo-help">
            Put aside: they cannot be read and are dead letters. Left out: too large to be kept, and told to the sender.
            Rejected: refused by the answer’s code; records that none could use are put aside all the same. Throttled:
            answered 429, to be sent again.
          </p>
        </>
      )}
    </Panel>
  );
}

const steps: Record<string, string> = {
  batch: 'A whole batch',
  match: 'Parse and match',
  send: 'Send signals',
  commit: 'Commit',
  relay: 'Send firings on',
  rebalance: 'Rebalance',
};

/** How the stages do, all instances together. */
export function PipelineWork({ pipeline }: { pipeline: SiloList['pipeline'] }) {
  return (
    <Panel flush title="Stages">
      {pipeline.steps.length === 0 ? (
        <Quiet title="Nothing was read yet">What reading and counting take shows here with the first records.</Quiet>
      ) : (
        <Table label="What the stages take" heads={['Step', 'Lately', 'Ever since', 'Times', 'Latest']}>
          {pipeline.steps.map(({ stage, step, times, seconds, latestSeconds, latestAt }) => (
            <tr key={`${stage} ${step}`}>
              <td>
                <span className="sw-dim">{stage}</span> <b>{steps[step] ?? words(step)}</b>
              </td>
              <td data-end className="sw-num">
                {took(latestSeconds)}
              </td>
              <td data-end className="sw-num">
                {perTime(seconds, times)}
              </td>
              <td data-end className="sw-num">
                {times.toLocaleString()}
              </td>
              <td data-end>
                <Ago at={latestAt} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <State kept={pipeline.state} />
      <p className="sw-silo-help">
        Of all instances together, on average of one time. Detect reads the silos, correlate counts what it found. State
        is what rules that count keep between events.
      </p>
    </Panel>
  );
}
