import type { Report } from './report.js';

const HOUR_MS = 3_600_000;

export interface ReportClock {
  readonly id: string;
  readonly name: string;
  readonly startedAt: Date;
  readonly dueAt: Date;
  readonly state: 'running' | 'met' | 'missed';
  readonly why: string;
  /** 0 to 1. */
  readonly fractionElapsed: number;
}

type Timed = Pick<Report, 'receivedAt' | 'answeredAt' | 'assessedAt' | 'pausedSince' | 'pausedMs' | 'state'>;

/** The promises RD-1 and RD-2, counted down. They count people's answers only, and stand still while the reporter is asked. */
export function reportClocks(report: Timed, now: Date): readonly ReportClock[] {
  if (report.state === 'spam') return [];
  return [
    clock(report, now, {
      id: 'acknowledge',
      name: 'First answer by a person',
      hours: 24,
      metAt: report.answeredAt,
      why: '24 hours from receipt; the automatic answer does not count',
    }),
    clock(report, now, {
      id: 'assess',
      name: 'First assessment',
      hours: 5 * 24,
      metAt: report.assessedAt,
      why: '5 days from receipt; it stands still while we wait for the reporter',
    }),
  ];
}

interface Rule {
  readonly id: string;
  readonly name: string;
  readonly hours: number;
  readonly metAt: Date | null;
  readonly why: string;
}

function clock(report: Timed, now: Date, rule: Rule): ReportClock {
  const startMs = report.receivedAt.getTime();
  const endMs = (rule.metAt ?? now).getTime();
  const currentPauseMs = report.pausedSince === null ? 0 : Math.max(0, endMs - report.pausedSince.getTime());
  const pausedMs = report.pausedMs + currentPauseMs;
  const lengthMs = rule.hours * HOUR_MS;
  const elapsedMs = Math.max(0, endMs - startMs - pausedMs);
  const isLate = elapsedMs > lengthMs;
  return {
    id: rule.id,
    name: rule.name,
    startedAt: report.receivedAt,
    dueAt: new Date(startMs + lengthMs + pausedMs),
    state: isLate ? 'missed' : rule.metAt === null ? 'running' : 'met',
    why: report.pausedSince === null ? rule.why : `${rule.why}; it stands still now`,
    fractionElapsed: Math.min(1, elapsedMs / lengthMs),
  };
}
