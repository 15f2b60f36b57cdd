import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { ReadAttempt } from './read-attempt.js';

export interface ReadPlace {
  readonly stage: 'detect' | 'correlate';
  readonly topic: string;
  readonly partition: number;
}

@Injectable()
export class ReadAttemptRepository {
  async find(tx: Tx, { stage, topic, partition }: ReadPlace): Promise<ReadAttempt | undefined> {
    const [row] = await tx.query<{ position: string; deaths: number; is_single: boolean }[]>(
      `select position, deaths, is_single from read_attempts where stage = $1 and topic = $2 and partition = $3`,
      [stage, topic, partition],
    );
    if (row === undefined) return undefined;
    return { position: Number(row.position), deaths: row.deaths, isSingle: row.is_single };
  }

  async put(tx: Tx, { stage, topic, partition }: ReadPlace, attempt: ReadAttempt, now: Date): Promise<void> {
    await tx.query(
      `insert into read_attempts (stage, topic, partition, position, deaths, is_single, at) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (stage, topic, partition) do update set
         position = excluded.position, deaths = excluded.deaths, is_single = excluded.is_single, at = excluded.at`,
      [stage, topic, partition, attempt.position, attempt.deaths, attempt.isSingle, now],
    );
  }

  async remove(tx: Tx, { stage, topic, partition }: ReadPlace): Promise<void> {
    await tx.query('delete from read_attempts where stage = $1 and topic = $2 and partition = $3', [
      stage,
      topic,
      partition,
    ]);
  }
}
