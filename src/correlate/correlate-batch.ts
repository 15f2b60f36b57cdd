import { partitionOf } from '../detect/correlation-key.js';
import { encodeMessage, type SentSignal } from '../detect/signal-message.js';
import type { Rules } from '../detect/rules.js';
import { asksWhether, type Consumer, type Firing } from '../sigma/index.js';
import { type AlertDraft, draftsOf, mergeDrafts } from './alert-draft.js';
import { closeGroup, dueOf, fold, type Folded, type Group } from './group.js';
import type { OutboxMessage } from './partition-memory.js';
import type { Watermarks } from './watermarks.js';

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
  repeats = 0;
  readonly #context: CorrelationContext;
  readonly #loaded: (key: string) => Group | undefined;

  constructor(context: CorrelationContext, loaded: (key: string) => Group | undefined) {
    this.#context = context;
    this.#loaded = loaded;
  }

  take(key: string, { consumer, rules }: ConsumerInRules, message: SentSignal): void {
    const changed = this.changed.get(key);
    const before = changed === undefined ? this.#loaded(key) : changed.group;
    const { scope } = consumer.correlation.silowatch;
    const watermarkMs = this.#context.watermarks.of(scope === 'fleet' ? null : message.tenant);
    const folded = fold(consumer, before, message, watermarkMs);
    if (folded === undefined) {
      this.repeats += 1;
      return;
    }
    this.#keep(
      key,
      { consumer, rules },
      { ...folded, before: changed === undefined ? before : changed.before },
      message,
    );
  }

  /** Ends the windows of a group that the watermark has passed. */
  close(key: string, known: ConsumerInRules, group: Group): void {
    const { watermarks } = this.#context;
    const folded = closeGroup(known.consumer, group, watermarks.of(group.tenant), watermarks.clockMs);
    this.#keep(key, known, { ...folded, before: group }, undefined);
  }

  #keep(
    key: string,
    known: ConsumerInRules,
    folded: Folded & Pick<ChangedGroup, 'before'>,
    message: SentSignal | undefined,
  ): void {
    const { consumer } = known;
    const { before, group, fired, firings } = folded;
    this.changed.set(key, { before, group, dueMs: group === undefined ? undefined : dueOf(consumer, group) });
    for (const firing of firings) this.#fire(known, fired, firing, message);
  }

  #fire({ consumer, rules }: ConsumerInRules, group: Group, firing: Firing, message: SentSignal | undefined): void {
    const { correlation } = consumer;
    if (correlation.alertsAlone) {
      const { tenant, isLate = false } = message ?? {};
      const context = { tenant, isLate, traceparent: message?.signal.traceparent };
      for (const draft of draftsOf(consumer, group, firing, context)) this.#draft(draft);
    }
    if (correlation.kind === 'correlation') this.#relay({ consumer, rules }, group, firing, message);
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
      const sequence = this.#context.outboxSequence + this.outbox.length + 1;
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
