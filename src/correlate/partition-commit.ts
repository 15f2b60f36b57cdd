import type { SentSignal } from '../detect/signal-message.js';
import type { WrittenAlert } from './alerts/alert.repository.js';
import type { BatchCorrelation, ConsumerInRules } from './correlate-batch.js';
import type { PartitionMemory } from './partition-memory.js';
import type { PutAside } from './put-aside.js';

/** A signal that was not taken before, with what it feeds. */
export interface NewSignal {
  readonly kind: 'signal';
  readonly key: string;
  readonly known: ConsumerInRules;
  readonly message: SentSignal;
}

/** A step of a batch, in the order of the log. */
export type BatchStep =
  NewSignal | { readonly kind: 'progress'; readonly apply: () => void } | (PutAside & { readonly kind: 'aside' });

export interface Committed {
  readonly work: BatchCorrelation;
  readonly alerts: readonly WrittenAlert[];
}

/** What one partition asks to be committed. */
export interface PartitionCommit {
  readonly memory: PartitionMemory;
  readonly steps: readonly BatchStep[];
  readonly position: number;
  /** What cannot be counted is put aside. Else nothing of the batch is counted. */
  readonly putsAside: boolean;
}

/** What a commit comes to, in memory. */
export interface Worked extends PartitionCommit {
  readonly work: BatchCorrelation;
}

/** A bug of ours that one signal brings out. */
export class SignalProcessingError extends Error {
  constructor(cause: unknown) {
    super('Counting a signal failed', { cause });
    this.name = 'SignalProcessingError';
  }
}
