import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { Tx } from '../platform/database/database.js';
import { conflict } from '../platform/errors/domain-error.js';
import type { Account, AccountState } from './account.js';
import type { Role } from './permissions.js';

/** The columns of `staff` that make an account. */
export interface StaffRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly state: AccountState;
  readonly roles: Role[];
  readonly tenants: string[] | null;
  readonly created_at: Date;
  readonly last_sign_in_at: Date | null;
  readonly version: number;
}

export const STAFF_COLUMNS =
  's.id, s.email, s.name, s.state, s.roles, s.tenants, s.created_at, s.last_sign_in_at, s.version';

export const toAccount = (row: StaffRow): Account => ({
  id: row.id,
  email: row.email,
  name: row.name,
  state: row.state,
  roles: row.roles,
  tenants: row.tenants ?? 'all',
  createdAt: row.created_at,
  lastSignInAt: row.last_sign_in_at,
  version: row.version,
});

/** Members of staff: readable under any scope, written by the sign-in's and the operator's. */
@Injectable()
export class StaffRepository {
  constructor(private readonly clock: Clock) {}

  async list(tx: Tx): Promise<readonly Account[]> {
    const rows = await tx.query<StaffRow[]>(`select ${STAFF_COLUMNS} from staff s order by s.name, s.id`);
    return rows.map(toAccount);
  }

  async find(tx: Tx, id: string): Promise<Account | undefined> {
    const rows = await tx.query<StaffRow[]>(`select ${STAFF_COLUMNS} from staff s where s.id = $1`, [id]);
    return rows.map(toAccount)[0];
  }

  async insert(tx: Tx, account: Pick<Account, 'id' | 'email' | 'name' | 'state' | 'roles' | 'tenants'>): Promise<void> {
    const rows = await tx.query<{ id: string }[]>(
      `insert into staff (id, email, name, state, roles, tenants, created_at) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (email) do nothing returning id`,
      [
        account.id,
        account.email,
        account.name,
        account.state,
        account.roles,
        tenantsColumn(account.tenants),
        this.clock.now(),
      ],
    );
    if (rows.length === 0) throw conflict('An account with this e-mail address exists already');
  }

  /** Throws CONFLICT when the account was changed since `account` was read. */
  async update(tx: Tx, account: Account): Promise<void> {
    const [, changed] = await tx.query<[unknown, number]>(
      `update staff set name = $3, state = $4, roles = $5, tenants = $6, version = version + 1 where id = $1 and version = $2`,
      [account.id, account.version, account.name, account.state, account.roles, tenantsColumn(account.tenants)],
    );
    if (changed === 0) throw conflict('The account was changed meanwhile: load it again');
  }
}

const tenantsColumn = (tenants: Account['tenants']): readonly string[] | null => (tenants === 'all' ? null : tenants);
