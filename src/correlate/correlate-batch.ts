import { partitionOf } from '../detect/correlation-key.js';
import { encodeMessage, type SentSignal } from '../detect/signal-message.js';
import type { Rules } from '../detect/rules.js';
import { asksWhether, type Consumer, type Firing } from '../sigma/index.js';
import { type AlertDraft, draftsOf, mergeDrafts } from './alerts/alert-draft.js';
import { closeGroup, dueOf, fold, type Group, heldOf, type HeldSignal } from './group.js';
import { hold, isToHold, release } from './held-signals.js';
import { type OutboxMessage, TO_DEAD_LETTERS } from './partition-memory.js';
import { encodeAside, type PutAside } from './put-aside.js';
import type { EventTime, Watermarks } from './watermarks.js';

/** A consumer with the rules around it, which say what its firings feed. */
export interface ConsumerInRules {
  readonly consumer: Consumer;
  readonly rules: Rules;
}

export interface ChangedGroup {
  /** As it is stored; undefined where it is new. */
  readonly before: Group | undefined;
  /** Undefined: it is gone. */
  readonly group: Group | undefined;
  readonly dueMs: number | undefined;
}

export interface CorrelationContext {
  readonly partition: number;
  readonly signalsPartitions: number;
  readonly watermarks: Watermarks;
  readonly outboxSequence: number;
}

/** What a batch of signals makes of the groups it touches; nothing is stored here. */
export class BatchCorrelation {
  readonly changed = new Map<string, ChangedGroup>();
  /** By identity, in the order in which they first came up. */
  readonly drafts = new Map<string, AlertDraft>();
  readonly shadow: AlertDraft[] = [];
  readonly outbox: OutboxMessage[] = [];
  /** What could not be counted; its dead letters are in the outbox. */
  readonly aside: PutAside[] = [];
  repeats = 0;
  readonly #context: CorrelationContext;
  readonly #loaded: (key: string) => Group | undefined;

  constructor(context: CorrelationContext, loaded: (key: string) => Group | undefined) {
    this.#context = context;
    this.#loaded = loaded;
  }

  take(key: string, known: ConsumerInRules, message: SentSignal): void {
    const changed = this.changed.get(key);
    const stored = changed === undefined ? this.#loaded(key) : changed.before;
    const before = changed === undefined ? stored : changed.group;
    if (!this.#isChained(known)) {
      this.#count(key, known, message, stored, before);
      return;
    }
    const rest = before === undefined ? undefined : this.#release(key, known, stored, before);
    if (isToHold(rest, message))
      this.#keep(key, known, stored, hold(known.consumer, rest, this.#atStep(known, message)));
    else this.#count(key, known, message, stored, rest);
  }

  /** Takes a signal out of the way that no try gets past. */
  putAside(one: PutAside): void {
    const { partition, signalsPartitions } = this.#context;
    const sequence = this.#nextSequence();
    this.aside.push(one);
    const message = encodeAside(one, { partition, sequence, signalsPartitions });
    this.outbox.push({ sequence, targetPartition: TO_DEAD_LETTERS, message });
  }

  /** Nobody knows the rules of a group any more: it is kept as it is, but for what it holds, for which others would wait. */
  strand(key: string, group: Group): void {
    const { held = [], ...rest } = group;
    for (const sent of held) this.putAside({ sent, reason: 'processing_failed' });
    this.changed.set(key, { before: group, group: rest, dueMs: undefined });
  }

  #nextSequence(): number {
    return this.#context.outboxSequence + this.outbox.length + 1;
  }

  /** Ends the windows of a group that the watermark has passed. */
  close(key: string, known: ConsumerInRules, group: Group): void {
    const rest = this.#release(key, known, group, group);
    if (rest === undefined || rest.held !== undefined) return;
    const time = this.#timeFor(known);
    const folded = closeGroup(known.consumer, rest, time.of(rest.tenant), time.clockMs);
    this.#keep(key, known, group, folded.group);
    for (const firing of folded.firings) this.#fire(known, folded.fired, firing, undefined);
  }

  /** Counts what the group holds and need hold no longer; the group as it then is. */
  #release(key: string, known: ConsumerInRules, stored: Group | undefined, group: Group): Group | undefined {
    const { clockMs, passedMs } = this.#context.watermarks;
    const { ready, rest } = release(group, { clockMs, passedMs, steps: this.#depthOf(known) });
    let now: Group | undefined = rest;
    for (const message of ready) {
      // It was taken long ago: no other try would be any better, and it must not stop what comes after it.
      try {
        // What it sets off is news of now to those that it feeds.
        now = this.#count(key, known, { ...message, detectedMs: Math.max(message.detectedMs, clockMs) }, stored, now);
      } catch {
        this.putAside({ sent: message, reason: 'processing_failed' });
      }
    }
    // Also when all that was held were repeats, or waits on.
    if (ready.length > 0 || heldOf(rest) !== heldOf(group)) this.#keep(key, known, stored, now);
    return now;
  }

  /** Counts a signal into a group; the group as it then is. */
  #count(
    key: string,
    known: ConsumerInRules,
    message: SentSignal,
    stored: Group | undefined,
    before: Group | undefined,
  ): Group | undefined {
    const { consumer } = known;
    const isFleet = consumer.correlation.silowatch.scope === 'fleet';
    const watermarkMs = this.#timeFor(known).of(isFleet ? null : message.tenant);
    const folded = fold(consumer, before, message, watermarkMs);
    if (folded === undefined) {
      this.repeats += 1;
      return before;
    }
    this.#keep(key, known, stored, folded.group);
    for (const firing of folded.firings) this.#fire(known, folded.fired, firing, message);
    return folded.group;
  }

  /** What others feed sees time pass once all that they could send is here. */
  #timeFor(known: ConsumerInRules): EventTime {
    const { watermarks } = this.#context;
    return this.#isChained(known) ? watermarks.settled : watermarks;
  }

  #isChained(known: ConsumerInRules): boolean {
    return this.#depthOf(known) > 0;
  }

  #depthOf({ consumer, rules }: ConsumerInRules): number {
    return rules.depths.get(consumer.correlation.id) ?? 0;
  }

  /** A firing has waited where it came from. */
  #atStep({ rules }: ConsumerInRules, message: SentSignal): HeldSignal {
    return { ...message, step: 1 + (rules.depths.get(message.signal.rule) ?? 0) };
  }

  #keep(key: string, { consumer }: ConsumerInRules, before: Group | undefined, group: Group | undefined): void {
    this.changed.set(key, { before, group, dueMs: group === undefined ? undefined : dueOf(consumer, group) });
  }

  #fire({ consumer, rules }: ConsumerInRules, group: Group, firing: Firing, message: SentSignal | undefined): void {
    const { correlation } = consumer;
    if (correlation.alertsAlone) {
      const { tenant, isLate = false } = message ?? {};
      const context = { tenant, isLate, traceparent: message?.signal.traceparent };
      for (const draft of draftsOf(consumer, group, firing, context)) this.#draft(draft);
    }
    if (consumer.isRelayed) this.#relay({ consumer, rules }, group, firing, message);
  }

  #draft(draft: AlertDraft): void {
    if (draft.status === 'experimental') {
      this.shadow.push(draft);
      return;
    }
    const earlier = this.drafts.get(draft.identity);
    this.drafts.set(draft.identity, earlier === undefined ? draft : mergeDrafts(earlier, draft));
  }

  /** A firing that feeds other correlations travels to their partitions as a signal of its own. */
  #relay({ consumer, rules }: ConsumerInRules, group: Group, firing: Firing, message: SentSignal | undefined): void {
    const { id } = consumer.correlation;
    for (const next of rules.loaded.consumers.get(id) ?? []) {
      if (firing.continues && !asksWhether(next)) continue;
      const signal = next.signalOf(id, firing.timeMs, consumer.fieldsOf(group.group));
      const tenant = message?.tenant ?? group.tenant ?? Object.keys(group.parts).at(-1);
      if (signal === undefined || tenant === undefined) continue;
      const sequence = this.#nextSequence();
      const isFleet = next.correlation.silowatch.scope === 'fleet';
      const place = { tenant: isFleet ? null : tenant, group: signal.group };
      const { entities = [], samples = [] } = group.parts[tenant] ?? {};
      const traceparent = message?.signal.traceparent;
      const relayed = encodeMessage({
        v: 2,
        kind: 'signals',
        origin: { incarnation: 0, source: `correlate/${this.#context.partition}`, offset: sequence },
        layout: this.#context.signalsPartitions,
        tenant,
        samples: [...samples],
        arrivalMs: group.lastArrivalMs,
        detectedMs: message?.detectedMs ?? this.#context.watermarks.clockMs,
        isLate: message?.isLate ?? false,
        signals: [
          {
            ...signal,
            consumer: next.hash,
            ordinal: 0,
            group: [...signal.group],
            entities: [...entities],
            ...(traceparent === undefined ? {} : { traceparent }),
          },
        ],
      });
      const targetPartition = partitionOf(place, this.#context.signalsPartitions);
      this.outbox.push({ sequence, targetPartition, message: relayed });
    }
  }
}
