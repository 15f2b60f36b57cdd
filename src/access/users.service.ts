import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { forbidden, notFound, unmet } from '../platform/errors/domain-error.js';
import { announce } from '../platform/live/live.js';
import { type Account } from './account.js';
import type { NewUser, UserChange } from './access.schema.js';
import { AccountSetup } from './account-setup.service.js';
import { splitChange } from './role-change.js';
import { type RoleGrant, RoleGrantRepository } from './role-grant.repository.js';
import { SessionRepository } from './session.repository.js';
import type { Staff } from './staff.js';
import { StaffRepository } from './staff.repository.js';
import { TrailRepository } from './trail.repository.js';

export interface UserView {
  readonly account: Account;
  readonly hasFactor: boolean;
  readonly grant: RoleGrant | undefined;
}

/** Administration of accounts. Rights are taken away at once; rights that are added wait for a second admin. */
@Injectable()
export class UsersService {
  constructor(
    private readonly database: Database,
    private readonly staff: StaffRepository,
    private readonly setup: AccountSetup,
    private readonly grants: RoleGrantRepository,
    private readonly sessions: SessionRepository,
    private readonly trail: TrailRepository,
  ) {}

  async list(): Promise<readonly UserView[]> {
    return this.database.transaction(system('sign-in'), (tx) => this.views(tx));
  }

  async create(wished: NewUser, by: Staff): Promise<{ view: UserView; setupPassword: string }> {
    requireAllSilos(by);
    const password = await this.setup.newPassword();
    return this.database.transaction(system('sign-in'), async (tx) => {
      const { roles, tenants } = wished;
      const id = await this.setup.add(tx, { ...wished, roles: [] }, password);
      await this.grants.request(tx, { staffId: id, roles, tenants: null, requestedBy: by.id });
      await this.record(tx, by, 'user.add', id, { after: { email: wished.email, name: wished.name, roles, tenants } });
      return { view: await this.view(tx, id), setupPassword: password.text };
    });
  }

  /** Every change ends the account's sessions: a right that is gone must not live on in one. */
  async change(id: string, wished: UserChange, by: Staff): Promise<{ view: UserView; setupPassword: string | null }> {
    requireAllSilos(by);
    const password = wished.resetPassword === true ? await this.setup.newPassword() : undefined;
    return this.database.transaction(system('sign-in'), async (tx) => {
      const account = await this.require(tx, id);
      if (id === by.id) throw forbidden('Another admin must change your account');
      const split = splitChange(account, {
        roles: wished.roles ?? account.roles,
        tenants: wished.tenants ?? account.tenants,
      });
      const state = await this.setup.stateAfter(tx, account, wished.state);
      const changed = { ...account, ...split.now, state, name: wished.name ?? account.name, version: wished.version };
      await this.staff.update(tx, changed);
      if (split.later !== undefined) {
        await this.grants.request(tx, { staffId: id, ...split.later, requestedBy: by.id });
      }
      if (wished.resetFactors === true) await this.setup.removeFactors(tx, id);
      if (password !== undefined) await this.setup.setPassword(tx, id, password);
      await this.sessions.endAllOf(tx, id);
      const { version: _version, ...after } = wished;
      await this.record(tx, by, 'user.change', id, { before: rightsOf(account), after });
      return { view: await this.view(tx, id), setupPassword: password?.text ?? null };
    });
  }

  /** The four-eyes rule: not by the one who asked, and not by the one who gains. */
  async decide(id: string, grantId: string, decision: 'approved' | 'rejected', by: Staff): Promise<UserView> {
    requireAllSilos(by);
    return this.database.transaction(system('sign-in'), async (tx) => {
      const account = await this.require(tx, id);
      const grant = (await this.grants.pending(tx)).find((each) => each.id === grantId && each.staffId === id);
      if (grant === undefined) throw notFound('The grant');
      if (by.id === id || (decision === 'approved' && by.id === grant.requestedBy)) {
        throw unmet('GRANT_NEEDS_ANOTHER_ADMIN', 'Another admin must approve this', { missing: ['a second admin'] });
      }
      if (decision === 'rejected' && by.id === grant.requestedBy) throw forbidden('Another admin must decide this');
      await this.grants.decide(tx, grantId, decision, by.id);
      if (decision === 'approved') {
        const roles = [...new Set([...account.roles, ...grant.roles])];
        const changed = { ...account, roles, tenants: grant.tenants ?? account.tenants };
        await this.staff.update(tx, changed);
        await this.sessions.endAllOf(tx, id);
      }
      const action = decision === 'approved' ? 'role.grant' : 'role.refuse';
      await this.record(tx, by, action, id, {
        before: rightsOf(account),
        after: { roles: grant.roles, tenants: grant.tenants },
      });
      return this.view(tx, id);
    });
  }

  private async views(tx: Tx): Promise<readonly UserView[]> {
    const [accounts, pending, enrolled] = [
      await this.staff.list(tx),
      await this.grants.pending(tx),
      await this.setup.enrolled(tx),
    ];
    return accounts.map((account) => ({
      account,
      hasFactor: enrolled.has(account.id),
      grant: pending.find((grant) => grant.staffId === account.id),
    }));
  }

  private async view(tx: Tx, id: string): Promise<UserView> {
    const found = (await this.views(tx)).find(({ account }) => account.id === id);
    if (found === undefined) throw notFound('The account');
    return found;
  }

  private async require(tx: Tx, id: string): Promise<Account> {
    const account = await this.staff.find(tx, id);
    if (account === undefined) throw notFound('The account');
    return account;
  }

  private async record(
    tx: Tx,
    by: Staff,
    action: string,
    id: string,
    change: { readonly before?: unknown; readonly after?: unknown },
  ): Promise<void> {
    const actor = { kind: 'staff', id: by.id, ip: by.ip } as const;
    await this.trail.record(tx, { actor, action, object: { type: 'staff', id }, ...change });
    await announce(tx, { topic: 'user', id, tenants: [] });
  }
}

const rightsOf = ({ roles, tenants, state, name }: Account): object => ({ roles, tenants, state, name });

/** An admin limited to some silos could otherwise give somebody more than they have. */
function requireAllSilos(by: Staff): void {
  if (by.tenants !== 'all') throw forbidden('An account limited to some silos cannot administer accounts');
}
