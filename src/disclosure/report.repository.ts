import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import type { Tx } from '../platform/database/database.js';
import { conflict, notFound } from '../platform/errors/domain-error.js';
import { Ids } from '../platform/ids/ids.js';
import type { Report } from './report.js';
import type { ReportState } from './report-states.js';

interface Row {
  id: string;
  number: string;
  state: ReportState;
  subject_sealed: string;
  reporter_email: string;
  reporter_name: string | null;
  source: Report['source'];
  received_at: Date;
  answered_at: Date | null;
  assessed_at: Date | null;
  paused_since: Date | null;
  paused_ms: string;
  severity: Report['severity'];
  cwe: string | null;
  incident_id: string | null;
  claims_report_id: string | null;
  authentication: Report['authentication'];
  automatic_answer: string;
  version: number;
}

const COLUMNS = `id, number, state, subject_sealed, reporter_email, reporter_name, source, received_at, answered_at, assessed_at,
  paused_since, paused_ms, severity, cwe, incident_id, claims_report_id, authentication, automatic_answer, version`;

export type ReportChange = Partial<
  Pick<Report, 'state' | 'answeredAt' | 'assessedAt' | 'pausedSince' | 'pausedMs' | 'severity' | 'cwe' | 'incidentId'>
>;

const COLUMN_OF: Readonly<Record<keyof ReportChange, string>> = {
  state: 'state',
  answeredAt: 'answered_at',
  assessedAt: 'assessed_at',
  pausedSince: 'paused_since',
  pausedMs: 'paused_ms',
  severity: 'severity',
  cwe: 'cwe',
  incidentId: 'incident_id',
};

/** Rows of `reports`, `report_acknowledgements` and `report_tokens`; subjects are sealed. */
@Injectable()
export class ReportRepository {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly box: SealedBox,
  ) {}

  async insert(
    tx: Tx,
    report: Pick<
      Report,
      'subject' | 'reporter' | 'source' | 'receivedAt' | 'claimsReportId' | 'authentication' | 'automaticAnswer'
    >,
  ): Promise<Report> {
    const id = this.ids.uuid();
    const rows = await tx.query<Row[]>(
      `insert into reports (id, number, state, subject_sealed, reporter_email, reporter_name, source, received_at, claims_report_id,
         authentication, automatic_answer)
       values ($1, $2, 'new', $3, $4, $5, $6, $7, $8, $9, $10) returning ${COLUMNS}`,
      [
        id,
        await this.#nextNumber(tx, report.receivedAt),
        this.box.seal(report.subject, `report subject:${id}`),
        report.reporter.email,
        report.reporter.name,
        report.source,
        report.receivedAt,
        report.claimsReportId,
        JSON.stringify(report.authentication),
        report.automaticAnswer,
      ],
    );
    return this.#only(rows);
  }

  async find(tx: Tx, id: string): Promise<Report | undefined> {
    const rows = await tx.query<Row[]>(`select ${COLUMNS} from reports where id = $1`, [id]);
    return rows.map((row) => this.#report(row))[0];
  }

  /** Locks the row until commit. Throws NOT_FOUND. */
  async lock(tx: Tx, id: string): Promise<Report> {
    return this.#only(await tx.query<Row[]>(`select ${COLUMNS} from reports where id = $1 for no key update`, [id]));
  }

  /** Newest first. */
  async list(
    tx: Tx,
    filter: {
      readonly state?: ReportState | undefined;
      readonly before?: { readonly at: Date; readonly id: string } | undefined;
      readonly limit: number;
    },
  ): Promise<readonly Report[]> {
    const rows = await tx.query<Row[]>(
      `select ${COLUMNS} from reports
       where ($1::text is null or state = $1) and ($2::timestamptz is null or (received_at, id) < ($2::timestamptz, $3::uuid))
       order by received_at desc, id desc limit $4`,
      [filter.state ?? null, filter.before?.at ?? null, filter.before?.id ?? null, filter.limit],
    );
    return rows.map((row) => this.#report(row));
  }

  /** Conditional on the version that was read. Throws CONFLICT. */
  async change(tx: Tx, report: Report, change: ReportChange): Promise<void> {
    const values: unknown[] = [report.id, report.version];
    const sets = Object.entries(change).map(
      ([field, value]) => `${COLUMN_OF[field as keyof ReportChange]} = $${values.push(value)}`,
    );
    const rows = await tx.query<[unknown, number]>(
      `update reports set ${[...sets, 'version = version + 1'].join(', ')} where id = $1 and version = $2`,
      values,
    );
    if (rows[1] !== 1) throw conflict('The report was changed meanwhile: look again');
  }

  async noteAutomaticAnswer(tx: Tx, id: string, outcome: string): Promise<void> {
    await tx.query(`update reports set automatic_answer = $2 where id = $1`, [id, outcome]);
  }

  /** True at most once a sender and day, and at most `perHour` times an hour in all. */
  async mayAnswerNow(tx: Tx, address: string, perHour: number): Promise<boolean> {
    const now = this.clock.now();
    const [count] = await tx.query<{ n: number }[]>(
      `select count(*)::int as n from report_acknowledgements where at > $1`,
      [new Date(now.getTime() - 3_600_000)],
    );
    if ((count?.n ?? 0) >= perHour) return false;
    const rows = await tx.query<unknown[]>(
      `insert into report_acknowledgements (address_hash, day, at) values ($1, $2, $3) on conflict do nothing returning 1`,
      [this.box.mac('acknowledged sender', address.toLowerCase()), now.toISOString().slice(0, 10), now],
    );
    return rows.length > 0;
  }

  async insertToken(tx: Tx, hash: string, reportId: string): Promise<void> {
    await tx.query(`insert into report_tokens (hash, report_id, created_at) values ($1, $2, $3)`, [
      hash,
      reportId,
      this.clock.now(),
    ]);
  }

  async findByToken(tx: Tx, hash: string): Promise<Report | undefined> {
    const rows = await tx.query<{ report_id: string }[]>(`select report_id from report_tokens where hash = $1`, [hash]);
    return rows[0] === undefined ? undefined : this.find(tx, rows[0].report_id);
  }

  /** How many reports this sender began since `since`. */
  async countOf(tx: Tx, email: string, since: Date): Promise<number> {
    const [row] = await tx.query<{ n: number }[]>(
      `select count(*)::int as n from reports where reporter_email = $1 and received_at > $2`,
      [email, since],
    );
    return row?.n ?? 0;
  }

  /** The year's row stays locked until commit: numbers have no gaps. */
  async #nextNumber(tx: Tx, at: Date): Promise<string> {
    const year = at.getUTCFullYear();
    const rows = await tx.query<{ last: number }[]>(
      `insert into report_numbers (year, last) values ($1, 1)
       on conflict (year) do update set last = report_numbers.last + 1 returning last`,
      [year],
    );
    return `REP-${year}-${String(rows[0]?.last ?? 0).padStart(4, '0')}`;
  }

  #only(rows: readonly Row[]): Report {
    const [row] = rows;
    if (row === undefined) throw notFound('The report');
    return this.#report(row);
  }

  #report(row: Row): Report {
    return {
      id: row.id,
      number: row.number,
      state: row.state,
      subject: this.box.open(row.subject_sealed, `report subject:${row.id}`).toString('utf8'),
      reporter: { email: row.reporter_email, name: row.reporter_name },
      source: row.source,
      receivedAt: row.received_at,
      answeredAt: row.answered_at,
      assessedAt: row.assessed_at,
      pausedSince: row.paused_since,
      pausedMs: Number(row.paused_ms),
      severity: row.severity,
      cwe: row.cwe,
      incidentId: row.incident_id,
      claimsReportId: row.claims_report_id,
      authentication: row.authentication,
      automaticAnswer: row.automatic_answer,
      version: row.version,
    };
  }
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
