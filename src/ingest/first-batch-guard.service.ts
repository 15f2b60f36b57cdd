import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import type { LogRecord, RecordBatch } from '../platform/event-log/event-log.js';
import { planAttempt, planRecord } from './read-attempt.js';
import { ReadAttemptRepository, type ReadPlace } from './read-attempt.repository.js';

export interface GuardedWork {
  whole(): Promise<void>;
  /** One record, which nothing is wrong with as far as is known. */
  one(record: LogRecord): Promise<void>;
  /** One record at which the process died again and again. */
  putAside(record: LogRecord): Promise<void>;
}

/** Sees to it that a record that ends the process does so three times and not for ever. Costs two writes per partition and start. */
@Injectable()
export class FirstBatchGuard {
  private readonly passed = new Set<string>();
  /** What this process wrote down and could not take away again, since the database was gone: no death, whoever reads it here. */
  private readonly unremoved = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly attempts: ReadAttemptRepository,
  ) {}

  /** Runs `work`, guarded if this is the process's first batch of the partition. */
  async run(stage: ReadPlace['stage'], batch: RecordBatch, work: GuardedWork): Promise<void> {
    const key = `${stage} ${batch.topic} ${batch.partition}`;
    if (this.passed.has(key)) {
      await work.whole();
      return;
    }
    const place: ReadPlace = { stage, topic: batch.topic, partition: batch.partition };
    if (this.unremoved.has(key)) await this.remove(place);
    try {
      await this.guarded(place, batch, work, () => this.unremoved.add(key));
    } finally {
      // A throw that we live to see is no death.
      await this.remove(place);
      this.unremoved.delete(key);
    }
    this.passed.add(key);
  }

  private async remove(place: ReadPlace): Promise<void> {
    await this.database.transaction(system('ingest'), (tx) => this.attempts.remove(tx, place));
  }

  private async guarded(place: ReadPlace, batch: RecordBatch, work: GuardedWork, onNoted: () => void): Promise<void> {
    const first = batch.records[0]?.offset ?? 0;
    const last = batch.records.at(-1)?.offset ?? first;
    const plan = await this.database.transaction(system('ingest'), async (tx) => {
      const decided = planAttempt(await this.attempts.find(tx, place), first, last);
      if (decided.kind === 'batch') {
        await this.attempts.put(
          tx,
          place,
          { position: first, deaths: decided.deaths, isSingle: false },
          this.clock.now(),
        );
      }
      return decided;
    });
    if (plan.kind === 'batch') {
      onNoted();
      await work.whole();
      return;
    }
    for (const record of batch.records) {
      const decided = planRecord(plan.suspect, record.offset);
      if (decided.kind === 'put_aside') {
        await work.putAside(record);
        continue;
      }
      if (decided.kind === 'try') {
        const attempt = { position: record.offset, deaths: decided.deaths, isSingle: true };
        await this.database.transaction(system('ingest'), (tx) =>
          this.attempts.put(tx, place, attempt, this.clock.now()),
        );
        onNoted();
      }
      await work.one(record);
    }
  }
}
