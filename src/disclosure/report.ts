import type { ReportState } from './report-states.js';

export const REPORT_SEVERITIES = ['critical', 'high', 'medium', 'low', 'none'] as const;
export type ReportSeverity = (typeof REPORT_SEVERITIES)[number];

/** What could be checked of a mail's origin. */
export interface Authentication {
  readonly dkim: string;
  readonly arc: string;
  readonly spf: string;
  /** A valid DKIM signature over the whole mail by the domain of its From address. */
  readonly aligned: boolean;
}

export interface Report {
  readonly id: string;
  /** `REP-2026-0001` */
  readonly number: string;
  readonly state: ReportState;
  readonly subject: string;
  readonly reporter: { readonly email: string; readonly name: string | null };
  readonly source: 'mail' | 'form';
  readonly receivedAt: Date;
  /** When a person first answered; automatic answers do not count. */
  readonly answeredAt: Date | null;
  readonly assessedAt: Date | null;
  /** While the reporter is asked, the clocks stand still. */
  readonly pausedSince: Date | null;
  readonly pausedMs: number;
  readonly severity: ReportSeverity | null;
  readonly cwe: string | null;
  readonly incidentId: string | null;
  /** It says that it belongs to this report, but could not prove it: a person decides. */
  readonly claimsReportId: string | null;
  readonly authentication: Authentication;
  /** `sent`, or the reason why none was. */
  readonly automaticAnswer: string;
  readonly version: number;
}

export interface MessageAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface ReportMessage {
  readonly id: string;
  readonly reportId: string;
  readonly direction: 'in' | 'out';
  readonly at: Date;
  /** Without angle brackets. */
  readonly messageId: string | null;
  readonly from: string;
  readonly text: string;
  readonly attachments: readonly MessageAttachment[];
  /** Of outgoing ones. */
  readonly delivery: 'queued' | 'sent' | 'failed' | null;
  readonly answer: string | null;
  readonly hasRaw: boolean;
}
