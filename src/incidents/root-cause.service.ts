import { Injectable } from '@nestjs/common';
import type { Staff } from '../access/staff.js';
import { conflict, forbidden, notFound } from '../platform/errors/domain-error.js';
import { whyNotReviewer, type RootCause } from './gates/root-cause-gate.js';
import { IncidentDeskService, requireWholeView } from './incident-desk.service.js';
import { RootCauseRepository, type RootCauseText } from './root-cause.repository.js';

/** The root cause analysis: written by some, reviewed by someone who is none of them. */
@Injectable()
export class RootCauseService {
  constructor(
    private readonly desk: IncidentDeskService,
    private readonly rootCauses: RootCauseRepository,
  ) {}

  /** Replaces the text and voids its review. `readVersion`: the version that the writer had before them. */
  async write(staff: Staff, incidentId: string, text: RootCauseText, readVersion: number | undefined): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.root_cause' }, async (tx, incident, now) => {
      requireWholeView(staff, incident);
      const before = await this.rootCauses.find(tx, incidentId);
      requireVersion(before, readVersion);
      const others = (before?.editors ?? []).filter(({ id }) => id !== staff.id);
      await this.rootCauses.write(tx, incidentId, text, [...others, { id: staff.id, name: staff.name }], now);
      return {
        kind: 'decision',
        text: before === null ? `Root cause written: ${text.category}` : `Root cause edited: ${text.category}`,
        before,
        after: text,
      };
    });
  }

  async review(
    staff: Staff,
    incidentId: string,
    verdict: 'accepted' | 'returned',
    comment: string,
    readVersion: number | undefined,
  ): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.root_cause_review' }, async (tx, incident, now) => {
      requireWholeView(staff, incident);
      const cause = await this.rootCauses.find(tx, incidentId);
      if (cause === null) throw notFound('The root cause');
      requireVersion(cause, readVersion);
      const refusal = whyNotReviewer(cause, staff.id);
      if (refusal !== null) throw forbidden(refusal);
      const reviewer = { id: staff.id, name: staff.name };
      await this.rootCauses.review(tx, incidentId, cause.version, { verdict, comment, reviewer, at: now });
      return {
        kind: 'decision',
        text: `Root cause ${verdict}${comment === '' ? '' : `: ${comment}`}`,
        after: { verdict, comment, version: cause.version },
      };
    });
  }
}

function requireVersion(cause: RootCause | null, readVersion: number | undefined): void {
  if (readVersion !== undefined && readVersion !== (cause?.version ?? 0))
    throw conflict('The root cause was changed meanwhile: read it again');
}
