import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../../access/staff.js';
import { TrailRepository } from '../../access/trail.repository.js';
import { storable } from '../../detect/entity.js';
import { RuleSet } from '../../detect/rule-set.service.js';
import { MAX_SAMPLE_BYTES } from '../../detect/signal-message.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { notFound } from '../../platform/errors/domain-error.js';
import { EventLog } from '../../platform/event-log/event-log.js';
import { listPage, readCursor } from '../../platform/http/list-page.js';
import { announce } from '../../platform/live/live.js';
import type { Alert, SampleEvent, Verdict } from './alert.js';
import { explainSample } from './alert-explanation.js';
import { AlertViewRepository } from './alert-view.repository.js';
import { AlertRepository } from './alert.repository.js';
import type { AlertDetail, AlertEvidence, AlertList, AlertQuery } from './alert.schema.js';

/** What people ask and say about alerts. */
@Injectable()
export class AlertDesk {
  constructor(
    private readonly clock: Clock,
    private readonly alerts: AlertRepository,
    private readonly database: Database,
    private readonly eventLog: EventLog,
    private readonly rules: RuleSet,
    private readonly trail: TrailRepository,
    private readonly views: AlertViewRepository,
  ) {}

  async list(staff: Staff, query: AlertQuery): Promise<AlertList> {
    const found = await this.database.transaction(scopeOf(staff), (tx) =>
      this.views.list(tx, query, readCursor(query.cursor)),
    );
    return listPage(found, query.limit, ({ createdAt, id }) => ({ at: new Date(createdAt), id }));
  }

  async find(staff: Staff, id: string): Promise<AlertDetail> {
    const { view, alert } = await this.database.transaction(scopeOf(staff), async (tx) => {
      return { view: await this.views.find(tx, id), alert: await this.alerts.find(tx, id) };
    });
    if (view === undefined || alert === undefined) throw notFound('The alert');
    return { ...view, explanation: await this.explain(alert) };
  }

  /** Every look is recorded, before anything is shown. */
  async evidence(staff: Staff, id: string): Promise<AlertEvidence> {
    const alert = await this.database.transaction(scopeOf(staff), async (tx) => {
      const found = await this.alerts.find(tx, id);
      if (found === undefined) throw notFound('The alert');
      await this.trail.record(tx, {
        actor: { kind: 'staff', id: staff.id, ip: staff.ip },
        action: 'evidence.view',
        object: { type: 'alert', id },
        tenant: found.tenant,
      });
      return found;
    });
    const samples = await Promise.all(alert.sampleEvents.map((sample) => this.withRaw(sample)));
    return { events: samples.map(({ rule: _rule, ...sample }) => ({ ...sample, offset: String(sample.offset) })) };
  }

  async decide(staff: Staff, id: string, verdict: Verdict, reason: string): Promise<AlertDetail> {
    await this.database.transaction(scopeOf(staff), async (tx) => {
      const before = await this.views.find(tx, id);
      if (before === undefined) throw notFound('The alert');
      await this.views.setVerdict(tx, id, verdict, reason, staff.id, this.clock.now());
      await this.trail.record(tx, {
        actor: { kind: 'staff', id: staff.id, ip: staff.ip },
        action: 'alert.decide',
        object: { type: 'alert', id },
        tenant: before.tenant,
        before: { verdict: before.verdict },
        after: { verdict, reason },
      });
      await announce(tx, { topic: 'alert', id, tenants: [before.tenant] });
    });
    return this.find(staff, id);
  }

  /** What the record matched, for the first record that is still whole. It quotes single values, as the alert's entities do. */
  private async explain({ sampleEvents }: Alert): Promise<string | null> {
    await this.rules.start();
    const { loaded } = this.rules.current();
    for (const sample of sampleEvents) {
      if (sample.raw === '') continue;
      const text = explainSample(loaded, sample);
      if (text !== undefined) return text;
    }
    return null;
  }

  /** A sample too long to be kept beside its group is read from the log, as long as that holds it. */
  private async withRaw(sample: SampleEvent): Promise<SampleEvent> {
    if (sample.raw !== '') return sample;
    try {
      const [record] = await this.eventLog.read(sample.topic, sample.partition, sample.offset, 1);
      if (record?.offset !== sample.offset || record.value === null) return sample;
      return {
        ...sample,
        raw: storable(record.value.toString('utf8', 0, Math.min(record.value.length, MAX_SAMPLE_BYTES))),
      };
    } catch {
      return sample;
    }
  }
}
