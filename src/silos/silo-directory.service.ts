import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { ContactRole, Silo, SiloContact } from './silo.js';
import { SiloRepository } from './silo.repository.js';

/** Which silos there are and what the contract with each says. What a caller sees depends on its transaction's scope. */
@Injectable()
export class SiloDirectory {
  constructor(private readonly silos: SiloRepository) {}

  /** By tenant; removed ones too. */
  list(tx: Tx): Promise<readonly Silo[]> {
    return this.silos.list(tx);
  }

  find(tx: Tx, tenant: string): Promise<Silo | undefined> {
    return this.silos.find(tx, tenant);
  }

  contacts(tx: Tx, tenant: string, role?: ContactRole): Promise<readonly SiloContact[]> {
    return this.silos.contacts(tx, tenant, role);
  }
}
