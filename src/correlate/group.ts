import type { Entity } from '../detect/entity.js';
import type { Sample, SentSignal } from '../detect/signal-message.js';
import { close, type Consumer, deadlineOf, type Firing, type GroupState, lifeOf, step } from '../sigma/index.js';
import { hasSeen, type SeenIds, shortId, withId } from './seen-ids.js';

/** Longest raw record that is kept with a group that has not fired (UTF-16 units); of a longer one only the position is. */
export const MAX_KEPT_RAW = 1024;
const FIRST_SAMPLES = 2;
const LAST_SAMPLES = 3;
const MAX_ENTITIES = 32;
const MAX_TENANTS = 64;

/** What one silo contributed to a group. */
export interface Part {
  readonly lastMs: number;
  readonly entities: readonly Entity[];
  readonly samples: readonly Sample[];
}

/** A group as it is kept between signals: the engine's state, and what an alert about it would say. */
export interface Group extends SeenIds {
  readonly consumer: string;
  /** Null where the rule reaches across silos. */
  readonly tenant: string | null;
  readonly group: readonly string[];
  readonly state: GroupState;
  readonly lastEventMs: number;
  readonly lastArrivalMs: number;
  readonly parts: Readonly<Record<string, Part>>;
  /** Signals that are not counted yet: see `held-signals.ts`. Never empty. */
  readonly held?: readonly HeldSignal[];
}

export interface HeldSignal extends SentSignal {
  /** For the firings of which correlations it waits: those at this depth below its own (`Rules.depths`). */
  readonly step: number;
}

const EMPTY: GroupState = { times: [], episodes: [] };

export function newGroup(consumer: Consumer, { tenant, signal }: SentSignal): Group {
  return {
    consumer: consumer.hash,
    tenant: consumer.correlation.silowatch.scope === 'fleet' ? null : tenant,
    group: signal.group,
    state: EMPTY,
    lastEventMs: 0,
    lastArrivalMs: 0,
    parts: {},
    ids: [],
  };
}

export interface Folded {
  /** Undefined when nothing of it needs to be kept. */
  readonly group: Group | undefined;
  /** The group as the firings found it. */
  readonly fired: Group;
  readonly firings: readonly Firing[];
}

/**
 * The watermark as a group sees it: not beyond what it has seen itself, plus the time that went by since. So a file of last year, put on a topic
 * today, is counted as it would have been then, and still goes away in the end.
 */
export function groupWatermark(
  watermarkMs: number,
  group: Pick<Group, 'lastEventMs' | 'lastArrivalMs'>,
  clockMs: number,
): number {
  return Math.min(watermarkMs, group.lastEventMs + Math.max(0, clockMs - group.lastArrivalMs));
}

/** Counts a signal in; undefined for the repeat of an audit record that was counted before. */
export function fold(
  consumer: Consumer,
  known: Group | undefined,
  message: SentSignal,
  watermarkMs: number,
): Folded | undefined {
  const before = known ?? newGroup(consumer, message);
  const { signal, recordId, tenant } = message;
  const id = recordId === undefined ? undefined : shortId(`${signal.rule} ${tenant} ${recordId}`);
  if (id !== undefined && hasSeen(before, id)) return undefined;
  const lastEventMs = Math.max(before.lastEventMs, signal.timeMs);
  const lastArrivalMs = Math.max(before.lastArrivalMs, message.arrivalMs);
  const seenMs = groupWatermark(watermarkMs, { lastEventMs, lastArrivalMs }, lastArrivalMs);
  const { state, firings } = step(consumer, before.state, signalOf(message), seenMs);
  const fired: Group = {
    ...before,
    state,
    lastEventMs,
    lastArrivalMs,
    parts: withPart(before.parts, message, lastEventMs - consumer.window.spanMs - consumer.window.quietMs),
    ...(id === undefined ? {} : withId(before, id, { ...memoryOf(consumer), lastEventMs, watermarkMs: seenMs })),
  };
  // What no time will ever touch again, nobody needs.
  const isOver = deadlineOf(consumer, state) === undefined && fired.held === undefined;
  return { group: isOver ? undefined : slim(fired), fired, firings };
}

/** Ends what the watermark has passed. */
export function closeGroup(consumer: Consumer, group: Group, watermarkMs: number, clockMs: number): Folded {
  const { state, firings } = close(consumer, group.state, groupWatermark(watermarkMs, group, clockMs));
  const isOver = state === undefined && group.held === undefined;
  return { group: isOver ? undefined : { ...group, state: state ?? EMPTY }, fired: group, firings };
}

/** The progress clock at which `closeGroup` may next have something to do; undefined for never. */
export function dueOf(consumer: Consumer, group: Group): number | undefined {
  // Before anything else what is held has to be counted.
  if (group.held !== undefined) return undefined;
  const deadline = deadlineOf(consumer, group.state);
  if (deadline === undefined) return undefined;
  return group.lastArrivalMs + Math.max(0, deadline - group.lastEventMs);
}

/** The progress clock at which something that the group holds may be counted, as `Watermarks.passedMs` has it; undefined when it holds nothing. */
export const heldOf = ({ held }: Group): number | undefined =>
  held === undefined ? undefined : Math.min(...held.map(({ detectedMs }) => detectedMs));

const signalOf = ({ signal }: SentSignal): Parameters<typeof step>[2] => {
  const { rule, timeMs, group, value, place } = signal;
  return { rule, timeMs, group, ...(value === undefined ? {} : { value }), ...(place === undefined ? {} : { place }) };
};

function memoryOf({ window }: Consumer): { readonly lifeMs: number; readonly countsTo: number } {
  const countsTo = 'saturation' in window ? window.saturation : 'atLeast' in window ? window.atLeast : 0;
  return { lifeMs: lifeOf(window), countsTo };
}

function withPart(parts: Group['parts'], message: SentSignal, keepFromMs: number): Group['parts'] {
  const { tenant, signal, samples } = message;
  const before = parts[tenant];
  const part: Part = {
    lastMs: Math.max(before?.lastMs ?? 0, signal.timeMs),
    entities: joinEntities(before?.entities ?? [], signal.entities),
    samples: joinSamples(before?.samples ?? [], samples),
  };
  const others = Object.entries(parts).filter(([other, { lastMs }]) => other !== tenant && lastMs > keepFromMs);
  return Object.fromEntries([...others.slice(-(MAX_TENANTS - 1)), [tenant, part]]);
}

function joinEntities(known: readonly Entity[], more: readonly Entity[]): readonly Entity[] {
  const added = more.filter(({ kind, value }) => !known.some((other) => other.kind === kind && other.value === value));
  return added.length === 0 ? known : [...known, ...added].slice(0, MAX_ENTITIES);
}

function joinSamples(known: readonly Sample[], more: readonly Sample[]): readonly Sample[] {
  const added = more.filter(
    (sample) => !known.some((other) => other.sha256 === sample.sha256 && other.offset === sample.offset),
  );
  const all = [...known, ...added];
  return all.length <= FIRST_SAMPLES + LAST_SAMPLES
    ? all
    : [...all.slice(0, FIRST_SAMPLES), ...all.slice(-LAST_SAMPLES)];
}

function slim(group: Group): Group {
  const isSlim = Object.values(group.parts).every(({ samples }) =>
    samples.every(({ raw }) => raw.length <= MAX_KEPT_RAW),
  );
  if (isSlim) return group;
  const parts = Object.entries(group.parts).map(([tenant, part]) => {
    const samples = part.samples.map((sample) => (sample.raw.length <= MAX_KEPT_RAW ? sample : { ...sample, raw: '' }));
    return [tenant, { ...part, samples }] as const;
  });
  return { ...group, parts: Object.fromEntries(parts) };
}
