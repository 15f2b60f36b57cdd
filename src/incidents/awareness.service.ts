import { Injectable } from '@nestjs/common';
import type { Staff } from '../access/staff.js';
import { notFound, unmet } from '../platform/errors/domain-error.js';
import { ClockRepository } from './clocks/clock.repository.js';
import { IncidentDeskService, requireWholeView } from './incident-desk.service.js';

/** What is known of an incident and since when: legal clocks start, end and are waived here. */
@Injectable()
export class AwarenessService {
  constructor(
    private readonly desk: IncidentDeskService,
    private readonly clocks: ClockRepository,
  ) {}

  /** Adds a line to the ledger; a correction is a later line. `at` cannot lie ahead. */
  async record(
    staff: Staff,
    incidentId: string,
    fact: { readonly tenant: string | null; readonly fact: string; readonly value: unknown; readonly at?: Date },
  ): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.fact' }, async (tx, incident, now) => {
      if (fact.tenant === null) requireWholeView(staff, incident);
      else if (!incident.tenants.includes(fact.tenant)) throw notFound(`An affected silo ${fact.tenant}`);
      else requireWholeView(staff, { ...incident, tenants: [fact.tenant] });
      const at = fact.at ?? now;
      if (at > now) throw unmet('FACT_AHEAD', 'A fact cannot be known from a time that lies ahead');
      await this.clocks.recordFact(tx, incidentId, { ...fact, at }, { id: staff.id, name: staff.name }, now);
      const what = `${fact.fact.replaceAll('_', ' ')}: ${String(fact.value)}`;
      return {
        kind: 'decision',
        ...(fact.tenant === null ? {} : { tenant: fact.tenant }),
        text: `Recorded that ${what}, known since ${at.toISOString()}`,
        after: { ...fact, at },
      };
    });
  }

  async waiveClock(staff: Staff, incidentId: string, clockId: string, reason: string): Promise<void> {
    await this.desk.change(staff, incidentId, { action: 'incident.clock_waive' }, async (tx) => {
      const clock = await this.clocks.find(tx, clockId);
      if (clock?.incidentId !== incidentId) throw notFound('The clock');
      if (clock.settledAt !== null) throw unmet('CLOCK_SETTLED', `${clock.name} is met already`);
      await this.clocks.waive(tx, clockId, staff.id, reason);
      return {
        kind: 'decision',
        ...(clock.tenant === null ? {} : { tenant: clock.tenant }),
        text: `Clock waived: ${clock.name}: ${reason}`,
        after: { clock: clock.clock, reason },
      };
    });
  }
}
