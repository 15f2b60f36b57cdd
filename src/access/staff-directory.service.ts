import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { Account } from './account.js';
import { StaffRepository } from './staff.repository.js';

/** Who works here, for pickers, schedules and mails: readable under any scope, without secrets. */
@Injectable()
export class StaffDirectory {
  constructor(private readonly staff: StaffRepository) {}

  /** Disabled accounts too, since old entries name them. */
  async list(tx: Tx): Promise<readonly Account[]> {
    return this.staff.list(tx);
  }

  async find(tx: Tx, id: string): Promise<Account | undefined> {
    return this.staff.find(tx, id);
  }
}
