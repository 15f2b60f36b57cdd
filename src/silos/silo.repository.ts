import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { ContactRole, Silo, SiloContact } from './silo.js';

interface SiloRow {
  tenant_id: string;
  name: string;
  state: Silo['state'];
  incarnation: string;
  time_zone: string;
  language: string;
  jurisdictions: string[];
  notice_hours: number;
  trusted_proxies: string[];
  access_format: string | null;
  audit_format: string | null;
  created_at: Date;
}

interface ContactRow {
  id: string;
  tenant_id: string;
  name: string;
  email: string;
  role: ContactRole;
  is_verified: boolean;
}

type OwnLogs = 'trustedProxies' | 'accessFormat' | 'auditFormat';
export type NewSilo = Omit<Silo, 'incarnation' | 'state' | OwnLogs> & { [Name in OwnLogs]?: Silo[Name] | undefined };

/** Rows of `silos` and `silo_contacts`. */
@Injectable()
export class SiloRepository {
  async list(tx: Tx): Promise<readonly Silo[]> {
    return (await tx.query<SiloRow[]>('select * from silos order by tenant_id')).map(siloOf);
  }

  async find(tx: Tx, tenant: string): Promise<Silo | undefined> {
    const [row] = await tx.query<SiloRow[]>('select * from silos where tenant_id = $1', [tenant]);
    return row === undefined ? undefined : siloOf(row);
  }

  /**
   * Makes the silo, or takes up a removed one again under a new incarnation; an active one keeps its incarnation, unless its topics have to be
   * made anew, and gets the new facts.
   */
  async upsert(tx: Tx, silo: NewSilo, isRemade = false): Promise<Silo> {
    const rows = await tx.query<SiloRow[]>(
      `insert into silos (tenant_id, name, state, incarnation, time_zone, language, jurisdictions, notice_hours, created_at,
         trusted_proxies, access_format, audit_format)
       values ($1, $2, 'active', nextval('silo_incarnations'), $3, $4, $5, $6, $7, $8, $9, $10)
       on conflict (tenant_id) do update set name = excluded.name, time_zone = excluded.time_zone,
         language = excluded.language, jurisdictions = excluded.jurisdictions, notice_hours = excluded.notice_hours,
         trusted_proxies = excluded.trusted_proxies, access_format = excluded.access_format, audit_format = excluded.audit_format,
         incarnation = case when silos.state = 'active' and not $11 then silos.incarnation else excluded.incarnation end, state = 'active'
       returning *`,
      [
        silo.tenant,
        silo.name,
        silo.timeZone,
        silo.language,
        silo.jurisdictions,
        silo.noticeHours,
        silo.createdAt,
        silo.trustedProxies ?? [],
        silo.accessFormat ?? null,
        silo.auditFormat ?? null,
        isRemade,
      ],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('the silo was not written');
    return siloOf(row);
  }

  async remove(tx: Tx, tenant: string): Promise<boolean> {
    const [, count] = await tx.query<[unknown, number]>(
      `update silos set state = 'removed' where tenant_id = $1 and state = 'active'`,
      [tenant],
    );
    return count > 0;
  }

  async contacts(tx: Tx, tenant: string, role?: ContactRole): Promise<readonly SiloContact[]> {
    const rows = await tx.query<ContactRow[]>(
      `select * from silo_contacts where tenant_id = $1 and ($2::text is null or role = $2) order by role, email`,
      [tenant, role ?? null],
    );
    return rows.map(({ tenant_id, is_verified, ...row }) => ({ ...row, tenant: tenant_id, isVerified: is_verified }));
  }

  async upsertContact(tx: Tx, contact: SiloContact): Promise<void> {
    await tx.query(
      `insert into silo_contacts (id, tenant_id, name, email, role, is_verified) values ($1, $2, $3, $4, $5, $6)
       on conflict (tenant_id, role, email) do update set name = excluded.name, is_verified = excluded.is_verified`,
      [contact.id, contact.tenant, contact.name, contact.email, contact.role, contact.isVerified],
    );
  }
}

function siloOf(row: SiloRow): Silo {
  return {
    tenant: row.tenant_id,
    name: row.name,
    state: row.state,
    incarnation: Number(row.incarnation),
    timeZone: row.time_zone,
    language: row.language,
    jurisdictions: row.jurisdictions,
    noticeHours: row.notice_hours,
    trustedProxies: row.trusted_proxies,
    accessFormat: row.access_format,
    auditFormat: row.audit_format,
    createdAt: row.created_at,
  };
}
