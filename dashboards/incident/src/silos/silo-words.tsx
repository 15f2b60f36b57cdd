import type { Silo } from '../api/types';
import { Badge, type Tone } from '../ui/badges';
import { Ago, roughly } from '../ui/time';

const agents: Record<Silo['agent']['state'], { tone: Tone; word: string }> = {
  online: { tone: 'good', word: 'Online' },
  silent: { tone: 'bad', word: 'Silent' },
  none: { tone: 'plain', word: 'No agent' },
};

export const AgentBadge = ({ agent }: { agent: Silo['agent'] }) => (
  <Badge tone={agents[agent.state].tone}>{agents[agent.state].word}</Badge>
);

export type Stream = Silo['streams'][number];

const SLOW_S = 30;

/** How a stream is: silent beyond its habit, read late, never heard of, or well. */
export function streamTone(stream: Stream): 'good' | 'warn' | 'bad' | 'plain' {
  if (stream.silentSince !== null) return 'bad';
  if (stream.lagSeconds > SLOW_S) return 'warn';
  return stream.lastEventAt === null ? 'plain' : 'good';
}

/** What is wrong with a silo, the worst first; nothing when it is well. */
export function SiloState({ silo }: { silo: Silo }) {
  if (silo.state === 'removed') return <Badge>Removed</Badge>;
  const silent = silo.streams.flatMap(({ silentSince }) => (silentSince === null ? [] : [silentSince])).sort();
  const behind = Math.max(0, ...silo.streams.map(({ lagSeconds }) => lagSeconds));
  if (silent[0] !== undefined) {
    return (
      <Badge tone="bad">
        Silent <Ago at={silent[0]} suffix="" />
      </Badge>
    );
  }
  if (behind > SLOW_S) return <Badge tone="warn">{roughly(behind * 1000)} behind</Badge>;
  if (silo.openIncidents > 0) return <Badge tone="bad">Incident</Badge>;
  if (silo.agent.state === 'silent') return <Badge tone="warn">Agent silent</Badge>;
  if (silo.streams.every(({ lastEventAt }) => lastEventAt === null)) return <Badge>Never heard</Badge>;
  return <Badge tone="good">Well</Badge>;
}

const rate = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
export const perSecond = (value: number): string => `${rate.format(value)}/s`;

export const LastEvent = ({ stream }: { stream: Stream }) =>
  stream.lastEventAt === null ? <span className="sw-dim">nothing yet</span> : <Ago at={stream.lastEventAt} />;

/** A count that matters only when it is not nought. */
export const Count = ({ value }: { value: number }) =>
  value === 0 ? <span className="sw-faint">0</span> : <b>{value.toLocaleString()}</b>;

/** Records and seconds behind, of all its streams. */
export function Behind({ streams }: { streams: readonly Stream[] }) {
  const records = streams.reduce((sum, { lagRecords }) => sum + lagRecords, 0);
  const seconds = Math.max(0, ...streams.map(({ lagSeconds }) => lagSeconds));
  if (records === 0) return <span className="sw-faint">0</span>;
  return (
    <>
      <b>{records.toLocaleString()}</b> <span className="sw-dim">· {roughly(seconds * 1000)}</span>
    </>
  );
}

const WIDTH = 88;
const HEIGHT = 22;

/** Events a minute as a line: how the last half hour went, against its own highest. */
export function Sparkline({ minutes }: { minutes: readonly number[] }) {
  const most = Math.max(...minutes, 0);
  if (most === 0) return <span className="sw-spark" aria-hidden />;
  const points = minutes.map((events, i) => {
    const x = (i / (minutes.length - 1)) * WIDTH;
    return `${x.toFixed(1)},${(HEIGHT - 2 - (events / most) * (HEIGHT - 4)).toFixed(1)}`;
  });
  return (
    <svg
      className="sw-spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`At most ${most.toLocaleString()} events a minute in the last half hour`}
    >
      <polygon points={`0,${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`} />
      <polyline points={points.join(' ')} />
    </svg>
  );
}
