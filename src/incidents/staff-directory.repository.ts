import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import { notFound } from '../platform/errors/domain-error.js';

export interface StaffMember {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly string[];
}

/** Names of active members of staff, for pickers and for whoever is put in charge of something. */
@Injectable()
export class StaffDirectoryRepository {
  async list(tx: Tx): Promise<readonly StaffMember[]> {
    return tx.query(`select id, name, email, roles from staff where state = 'active' order by name, id`);
  }

  /** Throws NOT_FOUND for who is not an active member of staff. */
  async get(tx: Tx, id: string): Promise<StaffMember> {
    const rows = await tx.query<StaffMember[]>(
      `select id, name, email, roles from staff where id = $1 and state = 'active'`,
      [id],
    );
    if (rows[0] === undefined) throw notFound('The member of staff');
    return rows[0];
  }
}
