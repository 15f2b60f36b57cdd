import { Injectable } from '@nestjs/common';
import { may, type Role } from '../access/permissions.js';
import type { Tx } from '../platform/database/database.js';

/** Somebody who can be paged. */
export interface Responder {
  readonly id: string;
  readonly name: string;
  /** Where pages go: the verified contact method, else the account's address. */
  readonly address: string;
}

/** The accounts, as paging sees them. */
@Injectable()
export class OnCallStaffRepository {
  /** Active people who may acknowledge a page, by id. */
  async responders(tx: Tx): Promise<ReadonlyMap<string, Responder>> {
    const rows = await tx.query<{ id: string; name: string; email: string; roles: Role[]; address: string | null }[]>(
      `select s.id, s.name, s.email, s.roles,
         (select m.address from contact_methods m where m.staff_id = s.id and m.kind = 'mail' and m.verified_at is not null
          order by m.created_at desc limit 1) as address
       from staff s where s.state = 'active' order by s.name, s.id`,
    );
    return new Map(
      rows
        .filter((row) => may(row.roles, 'incidents.work'))
        .map((row) => [row.id, { id: row.id, name: row.name, address: row.address ?? row.email }]),
    );
  }

  /** Names of all accounts, also of those that left. */
  async names(tx: Tx): Promise<ReadonlyMap<string, string>> {
    const rows = await tx.query<{ id: string; name: string }[]>(`select id, name from staff`);
    return new Map(rows.map(({ id, name }) => [id, name]));
  }
}
