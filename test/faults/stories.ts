import type { OutgoingMessage } from '../../src/platform/event-log/event-log.js';
import { accessLine, onStream } from '../integration/pipeline/records.js';
import { RULES } from './rules.js';

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

/** Which story, in which silos, from when on: telling it again gives the same records. */
export interface Told {
  readonly index: number;
  readonly tenant: string;
  /** The second silo of a story that reaches over two; the same one where there is no other. */
  readonly other: string;
  readonly startMs: number;
}

/** What happens to one address, in the order in which it is published, and what must come of it. */
export interface Story {
  /** Takes part in this story only, so that each story is one incident in each of its silos. */
  readonly address: string;
  /** Published one after another, with other stories' records and faults in between. */
  readonly parts: readonly (readonly OutgoingMessage[])[];
  /** `tenant rule count`, one for each alert that opens or joins an incident. */
  readonly alerts: readonly string[];
  /** Records that must be found among the dead letters, as text. */
  readonly poison: readonly string[];
}

/** How many kinds of stories there are; the index picks one in turn. */
const KINDS = 7;

export function story({ index, tenant, other, startMs }: Told): Story {
  const teller = new Teller(index, tenant, startMs);
  const failures = (count: number): OutgoingMessage[][] =>
    Array.from({ length: count }, (_, i) => teller.attempt(i + 1, 'failure'));
  switch (index % KINDS) {
    case 0:
    case 1: {
      const poison = `{"poison":${index}`;
      const parts = [
        teller.access(tenant, '/'),
        [...onStream(tenant, 'audit', [poison]), ...teller.access(tenant, '/fault-probe')],
      ];
      return { ...teller.plain, parts, alerts: [`${tenant} ${RULES.probe} 1`], poison: [poison] };
    }
    case 2:
      // The count goes on after it fired, and a shipper's repeat of a record counts once.
      return {
        ...teller.plain,
        parts: [...failures(5), teller.attempt(2, 'failure')],
        alerts: [`${tenant} ${RULES.many} 5`],
      };
    case 3:
      return {
        ...teller.plain,
        parts: [...failures(3), teller.attempt(4, 'success')],
        alerts: [`${tenant} ${RULES.many} 3`, `${tenant} ${RULES.chain} 2`],
      };
    case 4: {
      const both = [...new Set([tenant, other])];
      return {
        ...teller.plain,
        parts: [teller.access(tenant, '/fault-everywhere'), teller.access(other, '/fault-everywhere')],
        alerts: both.map((one) => `${one} ${RULES.fleet} 2`),
      };
    }
    case 5:
      return {
        ...teller.plain,
        parts: [1, 2, 2, 3].map((user, i) => teller.attempt(i + 1, 'denied', `u-${index}-${user}`)),
        alerts: [`${tenant} ${RULES.spread} 3`],
      };
    default:
      // Two rules of two streams, and so of two topics, in whichever order they come.
      return {
        ...teller.plain,
        parts: [teller.access(tenant, '/fault-half'), teller.attempt(1, 'half')],
        alerts: [`${tenant} ${RULES.both} 2`],
      };
  }
}

/** Writes the records of one story. */
class Teller {
  readonly plain: Pick<Story, 'address' | 'poison'>;
  readonly #index: number;
  readonly #tenant: string;
  readonly #startMs: number;

  constructor(index: number, tenant: string, startMs: number) {
    const address = `10.${100 + Math.floor(index / 65_536)}.${Math.floor(index / 256) % 256}.${index % 256}`;
    this.plain = { address, poison: [] };
    this.#index = index;
    this.#tenant = tenant;
    this.#startMs = startMs;
  }

  access(tenant: string, path: string): OutgoingMessage[] {
    const line = accessLine(new Date(this.#startMs), path, this.plain.address, 200).replace('curl', 'Mozilla');
    return onStream(tenant, 'access', [line]);
  }

  attempt(step: number, outcome: string, user = `u-${this.#index}`): OutgoingMessage[] {
    const record = {
      v: 1,
      id: `story-${this.#index}-${step}`,
      time: new Date(this.#startMs + step * 10).toISOString(),
      action: outcome === 'half' ? 'fault.half' : 'fault.try',
      outcome: outcome === 'half' ? 'success' : outcome,
      actor: { type: 'user', id: user },
      ip: this.plain.address,
    };
    return onStream(this.#tenant, 'audit', [JSON.stringify(record)]);
  }
}

/** What must come of the stories, as `address tenant rule count`. */
export const expected = (told: readonly Told[]): string[] =>
  told.map(story).flatMap(({ address, alerts }) => alerts.map((alert) => `${address} ${alert}`));
