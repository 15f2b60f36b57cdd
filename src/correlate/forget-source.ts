import type { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import type { EventLog } from '../platform/event-log/event-log.js';
import { SIGNALS_TOPIC } from '../platform/event-log/topics.js';
import type { Silo } from '../silos/silo.js';
import { PartitionRepository } from './partition.repository.js';
import { SignalsLayoutRepository } from './signals-layout.repository.js';

const WAIT_MS = 30_000;

/**
 * Forgets which signals of a silo's deleted topics were taken, those of former incarnations too, once everything that was written about them is counted: a mark that went
 * sooner would let a repeat count again. False when the correlators did not come so far in half a minute.
 */
export async function forgetSource(
  database: Database,
  eventLog: EventLog,
  silo: Pick<Silo, 'tenant' | 'incarnation'>,
): Promise<boolean> {
  const isThere = (await eventLog.listTopics()).some(({ name }) => name === SIGNALS_TOPIC);
  const ends = isThere ? await eventLog.offsets(SIGNALS_TOPIC) : [];
  for (const deadline = performance.now() + WAIT_MS; ;) {
    const positions = await database.transaction(system('correlate'), (tx) =>
      new SignalsLayoutRepository().positions(tx),
    );
    if (ends.every(({ partition, start, end }) => end === start || (positions.get(partition) ?? start) >= end)) break;
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await database.transaction(system('correlate'), (tx) => new PartitionRepository().forgetMarks(tx, silo));
  return true;
}
