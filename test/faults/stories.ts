import type { OutgoingMessage } from '../../src/platform/event-log/event-log.js';
import { accessLine, onStream } from '../integration/pipeline/records.js';
import { CHAIN, FLEET, RULES } from './rules.js';

/** Numbers that look random and are the same for the same seed (Mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What happens to one address, in the order in which it is published, and what must come of it. */
export interface Story {
  readonly address: string;
  readonly tenants: readonly string[];
  /** Published one after another, with other stories' records and faults in between. */
  readonly parts: readonly (readonly OutgoingMessage[])[];
  /** `tenant rule count`, one for each alert. */
  readonly alerts: readonly string[];
  /** Records that must be found among the dead letters, as text. */
  readonly poison: readonly string[];
}

const audit = (facts: Readonly<Record<string, unknown>>): string => JSON.stringify({ v: 1, ...facts });

/** The `index`-th story of a run; each address takes part in one story only, so that each gives one incident. */
export function story(index: number, tenants: readonly string[], random: () => number, nowMs: number): Story {
  const address = `10.${100 + Math.floor(index / 65_536)}.${Math.floor(index / 256) % 256}.${index % 256}`;
  const tenant = tenants[Math.floor(random() * tenants.length)] ?? '';
  const other = tenants[(tenants.indexOf(tenant) + 1) % tenants.length] ?? '';
  const line = (path: string): string => accessLine(new Date(nowMs), path, address, 200).replace('curl', 'Mozilla');
  const attempt = (step: number, outcome: string): OutgoingMessage[] =>
    onStream(tenant, 'audit', [
      audit({
        id: `story-${index}-${step}`,
        time: new Date(nowMs + step * 10).toISOString(),
        action: 'fault.try',
        outcome,
        actor: { type: 'user', id: `u-${index}` },
        ip: address,
      }),
    ]);
  const access = (of: string, ...paths: string[]): OutgoingMessage[] => onStream(of, 'access', paths.map(line));
  const base = { address, tenants: [tenant], poison: [] as string[] };
  const failures = [attempt(1, 'failure'), attempt(2, 'failure'), attempt(3, 'failure')];
  const counted = `${tenant} ${RULES.many} 3`;
  switch (index % 5) {
    case 0:
    case 1: {
      const poison = `{"poison":${index}`;
      const parts = [access(tenant, '/'), [...onStream(tenant, 'audit', [poison]), ...access(tenant, '/fault-probe')]];
      return { ...base, parts, alerts: [`${tenant} ${RULES.probe} 1`], poison: [poison] };
    }
    case 2:
      return { ...base, parts: failures, alerts: [counted] };
    case 3:
      return { ...base, parts: [...failures, attempt(4, 'success')], alerts: [counted, `${tenant} ${CHAIN} 2`] };
    default: {
      const parts = [access(tenant, '/fault-everywhere'), access(other, '/fault-everywhere')];
      // A silo that is told of alone is its own other one.
      const both = [...new Set([tenant, other])];
      return { ...base, tenants: both, parts, alerts: both.map((one) => `${one} ${FLEET} 2`) };
    }
  }
}
