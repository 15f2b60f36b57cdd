import type { Silo } from '../api/types';
import { Badge, type Tone } from '../ui/badges';
import { Ago } from '../ui/time';

const agents: Record<Silo['agent']['state'], { tone: Tone; word: string }> = {
  online: { tone: 'good', word: 'Online' },
  silent: { tone: 'bad', word: 'Silent' },
  none: { tone: 'plain', word: 'No agent' },
};

export const AgentBadge = ({ agent }: { agent: Silo['agent'] }) => (
  <Badge tone={agents[agent.state].tone}>{agents[agent.state].word}</Badge>
);

export type Stream = Silo['streams'][number];

const LATE_MS = 5 * 60_000;
const SLOW_S = 30;

/** How a stream is: silent, late behind its producers, or well. */
export function streamTone(stream: Stream, now: number): 'good' | 'warn' | 'bad' {
  if (stream.lastEventAt === null) return 'warn';
  if (now - Date.parse(stream.lastEventAt) > LATE_MS) return 'bad';
  return stream.lagSeconds > SLOW_S ? 'warn' : 'good';
}

const rate = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
export const perSecond = (value: number): string => `${rate.format(value)}/s`;

export const LastEvent = ({ stream }: { stream: Stream }) =>
  stream.lastEventAt === null ? <span className="sw-dim">nothing yet</span> : <Ago at={stream.lastEventAt} />;

/** A count that matters only when it is not nought. */
export const Count = ({ value, suffix = '' }: { value: number; suffix?: string }) =>
  value === 0 ? (
    <span className="sw-faint">0</span>
  ) : (
    <b>
      {value.toLocaleString()}
      {suffix}
    </b>
  );
