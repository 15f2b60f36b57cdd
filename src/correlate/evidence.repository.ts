import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { Evidence, EvidenceUse } from './stored-group.js';

export interface EvidencePlace {
  readonly partition: number;
  readonly place: string;
}

/** The records that groups hold: one row for each record and partition, however many groups name it, until none does. */
@Injectable()
export class EvidenceRepository {
  /** By partition and place. */
  async load(tx: Tx, sought: readonly EvidencePlace[]): Promise<ReadonlyMap<number, ReadonlyMap<string, Evidence>>> {
    const found = new Map<number, Map<string, Evidence>>();
    if (sought.length === 0) return found;
    const rows = await tx.query<(EvidencePlace & { sample: Evidence })[]>(
      `select partition, place, sample from correlate_evidence
       where (partition, place) in (select * from unnest($1::integer[], $2::text[]))`,
      [sought.map(({ partition }) => partition), sought.map(({ place }) => place)],
    );
    for (const { partition, place, sample } of rows) {
      const places = found.get(partition) ?? new Map<string, Evidence>();
      found.set(partition, places.set(place, sample));
    }
    return found;
  }

  async save(tx: Tx, uses: readonly EvidenceUse[]): Promise<void> {
    await this.add(
      tx,
      uses.filter((one) => one.uses > 0),
    );
    await this.release(
      tx,
      uses.filter((one) => one.uses < 0),
    );
  }

  private async add(tx: Tx, added: readonly EvidenceUse[]): Promise<void> {
    if (added.length === 0) return;
    // A record that one group keeps by its position alone may be whole for another.
    await tx.query(
      `insert into correlate_evidence as e (partition, place, uses, sample)
       select partition, place, uses, sample
       from json_to_recordset($1) as a (partition integer, place text, uses integer, sample json)
       on conflict (partition, place) do update set uses = e.uses + excluded.uses,
         sample = case when e.sample->>'raw' = '' then excluded.sample else e.sample end`,
      [JSON.stringify(added)],
    );
  }

  private async release(tx: Tx, released: readonly EvidenceUse[]): Promise<void> {
    if (released.length === 0) return;
    await tx.query(
      `with released as (select * from unnest($1::integer[], $2::text[], $3::integer[]) as r (partition, place, uses)),
         unused as (
           delete from correlate_evidence e using released r
           where e.partition = r.partition and e.place = r.place and e.uses <= r.uses)
       update correlate_evidence e set uses = e.uses - r.uses from released r
       where e.partition = r.partition and e.place = r.place and e.uses > r.uses`,
      [
        released.map(({ partition }) => partition),
        released.map(({ place }) => place),
        released.map(({ uses }) => -uses),
      ],
    );
  }
}
