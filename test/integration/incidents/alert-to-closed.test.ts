import { system } from '../../../src/platform/database/scope.js';
import { START, incidentRig, jobs, type Rig } from './rig.js';

let rig: Rig;
beforeEach(async () => {
  rig = await incidentRig();
});
afterEach(() => rig.drop());

interface Detail {
  status: string;
  severity: string;
  version: number;
  tenants: string[];
  workstreams: { kind: string; state: string; missing: string[] }[];
  clocks: { id: string; name: string; tenant: string; state: string; dueAt: string; why: string }[];
  correctiveActions: { id: string; state: string }[];
  rootCause: { version: number; review: unknown } | null;
}
const detail = async (id: string): Promise<Detail> => (await rig.read.detail(rig.ada, id)) as Detail;
const missing = async (id: string, kind: string): Promise<string[]> =>
  (await detail(id)).workstreams.find((workstream) => workstream.kind === kind)?.missing ?? [];
const hours = (n: number): void => rig.clock.advanceMs(n * 3_600_000);

const cause = {
  category: 'stolen credentials',
  whatHappened: 'A leaked password was tried until it fit; the second factor was then removed.',
  whys: [
    { text: 'Books were exported', evidenceHref: '/alerts/1' },
    { text: 'No second factor is asked for before removing it', evidenceHref: 'https://git.example/app#L10' },
  ],
  introducedAt: new Date('2025-01-01T00:00:00Z'),
  firstExploitedAt: new Date('2026-03-01T08:50:00Z'),
  detectedAt: START,
};
const review = {
  heldOn: '2026-03-01',
  participants: ['Ada', 'Ben'],
  wentWell: 'Detected within a minute',
  wentBadly: 'The factor could be removed',
  noActionsReason: null,
};

async function opened(): Promise<string> {
  const alert = await rig.raise({ level: 'critical', tags: ['attack.exfiltration'] });
  await rig.settle();
  return alert.incidentId ?? '';
}
async function contained(id: string): Promise<void> {
  rig.clock.advanceMs(31 * 60_000);
  await rig.workstreams.declare(rig.ada, id, 'The session is gone and nothing follows');
}
async function closed(id: string): Promise<void> {
  await contained(id);
  await rig.rootCauses.write(rig.ada, id, cause, undefined);
  await rig.rootCauses.review(rig.ben, id, 'accepted', '', undefined);
  await rig.decisions.decide(rig.ada, id, 'acme', 'notify', 'Their books left');
  rig.notices.sent.set('acme', rig.clock.now());
  await rig.reviews.write(rig.ada, id, review);
  const dueOn = '2026-03-31';
  await rig.reviews.addAction(rig.ada, id, {
    title: 'Ask again',
    ownerId: rig.ben.id,
    dueOn,
    trackerUrl: 'https://t.example/1',
  });
}

describe('two people carry an incident from its alert to closed', () => {
  it('finishing what is missing, each gate in its turn', async () => {
    const id = await opened();
    expect(await detail(id)).toMatchObject({ status: 'open', severity: 'SEV1' });
    await rig.triage.acknowledge(rig.ada, id);
    await rig.triage.assignCommander(rig.ada, id, rig.ada.id);
    await expect(rig.workstreams.declare(rig.ada, id, 'done')).rejects.toMatchObject({
      code: 'CONTAINMENT_UNMET',
      details: { missing: [expect.stringMatching(/09:30:00 UTC/)] },
    });
    await contained(id);
    expect((await detail(id)).status).toBe('contained');

    await rig.rootCauses.write(rig.ada, id, cause, 0);
    expect(await missing(id, 'root_cause')).toEqual(['Someone other than Ada reviews the root cause']);
    await expect(rig.rootCauses.review(rig.ada, id, 'accepted', '', undefined)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await rig.rootCauses.review(rig.ben, id, 'accepted', 'sound', 1);
    expect((await detail(id)).status).toBe('resolved');

    await rig.decisions.decide(rig.ada, id, 'acme', 'notify', 'Their books left');
    expect(await missing(id, 'notification')).toEqual([
      'Notice to the customer (contract) for acme is met by 2026-03-02 09:00 UTC, or waived with a reason',
    ]);
    rig.notices.sent.set('acme', rig.clock.now());
    rig.clock.advanceMs(60_000);
    await rig.settle();
    expect((await detail(id)).clocks).toMatchObject([{ tenant: 'acme', state: 'met' }]);

    await rig.reviews.write(rig.ada, id, review);
    expect(await missing(id, 'review')).toHaveLength(1);
    const action = { title: 'Ask again', ownerId: rig.ben.id, dueOn: '2026-03-31', trackerUrl: 'https://t.example/1' };
    const actionId = await rig.reviews.addAction(rig.ada, id, action);
    expect(await detail(id)).toMatchObject({ status: 'closed', correctiveActions: [{ id: actionId, state: 'open' }] });
    expect((await jobs(rig.db)).map(({ name }) => name)).toContain('paging.incident-settled');

    await expect(rig.rootCauses.write(rig.ada, id, cause, undefined)).rejects.toMatchObject({
      code: 'INCIDENT_SETTLED',
    });
    await rig.reviews.changeAction(rig.ben, actionId, { state: 'done' });
    await expect(rig.reviews.changeAction(rig.ben, actionId, { state: 'verified' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await rig.reviews.changeAction(rig.ada, actionId, { state: 'verified' });
    expect(await rig.reviews.list(rig.ada, 'verified', undefined, 10)).toMatchObject({
      items: [{ number: 'INC-2026-0001' }],
    });
    expect((await detail(id)).status).toBe('closed');
  });

  it('where an edit voids the review of the root cause, and two writers do not overwrite each other', async () => {
    const id = await opened();
    await rig.rootCauses.write(rig.ada, id, cause, 0);
    await rig.rootCauses.review(rig.ben, id, 'accepted', '', 1);
    await expect(rig.rootCauses.write(rig.ben, id, cause, 0)).rejects.toMatchObject({ code: 'CONFLICT' });
    await rig.rootCauses.write(rig.ben, id, { ...cause, category: 'design' }, 1);
    expect((await detail(id)).rootCause?.review).toBeNull();
    for (const editor of [rig.ada, rig.ben])
      await expect(rig.rootCauses.review(editor, id, 'accepted', '', 2)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('where not telling a silo takes a second person, and a waiver too, never for SEV1', async () => {
    const id = await opened();
    await rig.decisions.decide(rig.ada, id, 'acme', 'not_applicable', 'a test silo');
    await expect(rig.decisions.approve(rig.ada, id, 'acme')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await rig.decisions.approve(rig.ben, id, 'acme');
    expect((await detail(id)).clocks).toMatchObject([{ state: 'waived' }]);
    await rig.decisions.decide(rig.ben, id, 'acme', 'not_applicable', 'another reason');
    expect(await missing(id, 'notification')).toContain('Someone other than Ben approves that acme is not notified');
    await expect(rig.workstreams.waive(rig.ada, id, 'review', 'small')).rejects.toMatchObject({
      code: 'WORKSTREAM_NOT_WAIVABLE',
    });
    await rig.triage.setSeverity(rig.ada, id, 'SEV3', 'no data left after all');
    await rig.workstreams.waive(rig.ada, id, 'review', 'small');
    await expect(rig.workstreams.approveWaiver(rig.ada, id, 'review')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await rig.workstreams.approveWaiver(rig.ben, id, 'review');
    expect((await detail(id)).workstreams.find(({ kind }) => kind === 'review')?.state).toBe('waived');
    await rig.triage.setSeverity(rig.ada, id, 'SEV1', 'it did');
    expect((await detail(id)).workstreams.find(({ kind }) => kind === 'review')?.state).toBe('not_started');
  });
});

describe('an incident of old events', () => {
  it('is paged for itself once one joins it that has just happened', async () => {
    const { incidentId } = await rig.raise({ isLate: true });
    const opened = async (): Promise<unknown[]> =>
      (await jobs(rig.db)).filter(({ name }) => name === 'paging.incident-opened').map(({ payload }) => payload);
    await rig.raise({ isLate: true });
    expect(await opened()).toEqual([{ incidentId, isLate: true }]);
    await rig.raise({});
    expect(await opened()).toEqual([
      { incidentId, isLate: true },
      { incidentId, isLate: false },
    ]);
  });
});

describe('a contained incident', () => {
  it('falls back loudly when a new alert joins it', async () => {
    const id = await opened();
    await contained(id);
    expect((await detail(id)).status).toBe('contained');
    await rig.raise({ level: 'medium' });
    await rig.settle();
    expect((await detail(id)).status).toBe('open');
    expect(await jobs(rig.db)).toContainEqual({
      name: 'paging.incident-reopened',
      payload: { incidentId: id, reason: 'lapsed', isLate: false },
    });
    expect(await missing(id, 'containment')).toEqual([
      expect.stringMatching(/No alert on/),
      expect.stringMatching(/declaration lapsed/),
    ]);
  });

  it('falls back when an action of it loses its proof', async () => {
    const id = await opened();
    await contained(id);
    rig.containment.missingNow = ['Try again: revoke session s-1'];
    await rig.triage.note(rig.ada, id, 'look at this');
    expect((await detail(id)).status).toBe('open');
  });
});

describe('a closed incident', () => {
  it('swallows no new alert: a new one opens and the two are linked', async () => {
    const id = await opened();
    await closed(id);
    expect((await detail(id)).status).toBe('closed');
    const again = await rig.raise({});
    expect(again.incidentId).not.toBe(id);
    expect(await rig.read.detail(rig.ada, again.incidentId ?? '')).toMatchObject({
      links: [{ id, number: 'INC-2026-0001', kind: 'follows' }],
    });
    expect((await detail(id)).status).toBe('closed');
  });

  it('opens a new one when its own alert counts on, but not for late records', async () => {
    const id = await opened();
    await closed(id);
    const { system } = await import('../../../src/platform/database/scope.js');
    const continues = (lastEventAt: Date): Promise<string | null | undefined> =>
      rig.db.database.transaction(system('correlate'), async (tx) => {
        const [alert] = await rig.alerts.ofIncident(tx, id);
        if (alert === undefined) return undefined;
        await rig.opener.onAlerts(tx, [{ alert: { ...alert, lastEventAt }, isNew: false }]);
        return (await rig.alerts.find(tx, alert.id))?.incidentId;
      });
    expect(await continues(START)).toBe(id);
    rig.clock.advanceMs(60_000);
    expect(await continues(rig.clock.now())).not.toBe(id);
  });

  it('opens a new one too when its own alert counts on in a batch behind new ones', async () => {
    const id = await opened();
    await closed(id);
    rig.clock.advanceMs(60_000);
    const fresh = [
      await rig.alert({ entities: [{ kind: 'user', value: 'u-8' }] }),
      await rig.alert({ entities: [{ kind: 'user', value: 'u-9' }] }),
    ];
    const { system } = await import('../../../src/platform/database/scope.js');
    const standing = await rig.db.database.transaction(system('correlate'), async (tx) => {
      const [alert] = await rig.alerts.ofIncident(tx, id);
      if (alert === undefined) return undefined;
      const counted = { alert: { ...alert, lastEventAt: rig.clock.now() }, isNew: false };
      await rig.opener.onAlerts(tx, [...fresh.map((one) => ({ alert: one, isNew: true })), counted]);
      return rig.alerts.find(tx, alert.id);
    });
    expect(standing?.incidentId).not.toBe(id);
  });

  it('is reopened with a reason, and then needs everything looked at again', async () => {
    const id = await opened();
    await closed(id);
    rig.clock.advanceMs(1_000);
    await rig.dispositions.reopen(rig.ben, id, 'the same key was used again');
    const reopened = await detail(id);
    expect(reopened.status).toBe('open');
    expect(reopened.workstreams.map(({ kind, state }) => [kind, state])).toEqual([
      ['containment', 'in_progress'],
      ['root_cause', 'in_progress'],
      ['notification', 'done'],
      ['review', 'in_progress'],
    ]);
  });
});

describe('a merge', () => {
  it('moves alerts, silos and entities, loses no entry, and is undone by reopening', async () => {
    const one = await rig.raise({});
    const two = await rig.raise({ tenant: 'globex', entities: [{ kind: 'user', value: 'u-7' }] });
    const [from, into] = [two.incidentId ?? '', one.incidentId ?? ''];
    await rig.triage.note(rig.ada, from, 'seen here first');
    await rig.dispositions.duplicateOf(rig.ada, from, into, 'same attacker');
    await rig.settle();
    expect(await detail(from)).toMatchObject({ status: 'duplicate' });
    expect(await detail(into)).toMatchObject({ tenants: ['acme', 'globex'], alerts: [{}, {}] });
    expect(JSON.stringify(await rig.read.timelineOf(rig.ada, from, { limit: 50 }))).toMatch(/seen here first/);
    // An alert on the merged entity joins the one that stands.
    expect((await rig.raise({ tenant: 'globex', entities: [{ kind: 'user', value: 'u-7' }] })).incidentId).toBe(into);
    await rig.dispositions.reopen(rig.ben, from, 'two attackers after all');
    expect(await detail(from)).toMatchObject({ status: 'open', alerts: [{ id: two.id }] });
    await rig.settle();
    // The alert that came meanwhile keeps the silo affected here.
    expect(await detail(into)).toMatchObject({ tenants: ['acme', 'globex'] });
  });

  it('of two incidents that somebody sees only in part is refused', async () => {
    const one = await rig.raise({});
    const two = await rig.raise({ tenant: 'globex', entities: [{ kind: 'user', value: 'u-7' }] });
    const merge = rig.dispositions.duplicateOf(rig.gus, two.incidentId ?? '', one.incidentId ?? '', 'x');
    await expect(merge).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('waits for whoever opens incidents before it holds one of them, so that neither waits for the other for ever', async () => {
    const one = await rig.raise({});
    const two = await rig.raise({ tenant: 'globex', entities: [{ kind: 'user', value: 'u-7' }] });
    const [from, into] = [two.incidentId ?? '', one.incidentId ?? ''];
    let merge: Promise<void> | undefined;
    await rig.db.database.transaction(system('correlate'), async (tx) => {
      await rig.grouping.lockOpening(tx);
      merge = rig.dispositions.duplicateOf(rig.ada, from, into, 'same attacker');
      for (let waiting = 0; waiting === 0;) {
        const rows = await tx.query<unknown[]>(
          `select 1 from pg_locks where locktype = 'advisory' and not granted
             and database = (select oid from pg_database where datname = current_database())`,
        );
        waiting = rows.length;
      }
      // As an alert would that joins it.
      await tx.query('select 1 from incidents where id = any($1) for no key update nowait', [[from, into]]);
    });
    await merge;
    expect(await detail(from)).toMatchObject({ status: 'duplicate' });
  });
});

describe('the contract’s clock', () => {
  it('is paged at 50, 75 and 90 percent and when it is missed, and holds the incident open until met late', async () => {
    const id = await opened();
    const paged = async (): Promise<unknown[]> =>
      (await jobs(rig.db)).filter(({ name }) => name === 'paging.clock-due').map(({ payload }) => payload['percent']);
    expect((await detail(id)).clocks).toMatchObject([
      {
        name: 'Notice to the customer (contract)',
        tenant: 'acme',
        state: 'running',
        dueAt: '2026-03-02T09:00:00.000Z',
      },
    ]);
    hours(12);
    await rig.settle();
    expect(await paged()).toEqual([50]);
    hours(6);
    await rig.settle();
    await rig.settle();
    expect(await paged()).toEqual([50, 75]);
    hours(4);
    await rig.settle();
    hours(3);
    await rig.settle();
    expect(await paged()).toEqual([50, 75, 90, 100]);
    expect((await detail(id)).clocks).toMatchObject([{ state: 'missed' }]);
    await rig.decisions.decide(rig.ada, id, 'acme', 'notify', 'late');
    expect(await missing(id, 'notification')).toEqual([expect.stringMatching(/still not met/)]);
    rig.notices.sent.set('acme', rig.clock.now());
    await rig.triage.note(rig.ada, id, 'sent');
    expect(await missing(id, 'notification')).toEqual([]);
  });

  it('starts for a further silo when that silo is known to be affected, and runs beside the law’s', async () => {
    const id = await opened();
    hours(5);
    await rig.triage.addSilo(rig.ada, id, 'globex', 'same key found there');
    await rig.awareness.record(rig.ada, id, { tenant: null, fact: 'significant_incident', value: true });
    const { clocks } = await detail(id);
    expect(clocks.map(({ name, tenant, dueAt }) => [name, tenant, dueAt])).toEqual([
      ['Notice to the customer (contract)', 'acme', '2026-03-02T09:00:00.000Z'],
      ['NIS2 early warning', null, '2026-03-02T14:00:00.000Z'],
      ['Notice to the customer (contract)', 'globex', '2026-03-04T14:00:00.000Z'],
      ['NIS2 incident notification', null, '2026-03-04T14:00:00.000Z'],
    ]);
    const warning = clocks.find(({ name }) => name === 'NIS2 early warning');
    await rig.awareness.waiveClock(rig.ada, id, warning?.id ?? '', 'we are not an essential entity');
    expect((await detail(id)).clocks.find(({ name }) => name === 'NIS2 early warning')?.state).toBe('waived');
    await expect(
      rig.awareness.record(rig.ada, id, { tenant: null, fact: 'material', value: true, at: new Date('2027-01-01') }),
    ).rejects.toMatchObject({ code: 'FACT_AHEAD' });
  });
});

describe('reminders of a corrective action', () => {
  it('are added once a stage, before and after the due day, until it is done', async () => {
    const id = await opened();
    const action = { title: 'Ask again', ownerId: rig.ben.id, dueOn: '2026-03-10', trackerUrl: 'https://t.example/1' };
    await rig.reviews.addAction(rig.ada, id, action);
    const stages = async (): Promise<unknown[]> =>
      (await jobs(rig.db))
        .filter(({ name }) => name === 'incidents.remind-corrective-action')
        .map(({ payload }) => payload['stage']);
    await rig.reminders.sweep();
    expect(await stages()).toEqual([]);
    for (let day = 0; day < 20; day += 1) {
      hours(24);
      await rig.reminders.sweep();
      await rig.reminders.sweep();
    }
    expect(await stages()).toEqual(['week', 'day', 'due', 'overdue', 'escalated']);
  });
});

describe('the page of what happens now', () => {
  it('shows running incidents, rates and broken promises of one’s own silos', async () => {
    await rig.raise({ promises: ['DATA-1'] });
    await rig.settle();
    const now = (await rig.now.now(rig.ada)) as Record<string, unknown> & { rates: { series: unknown[] } };
    expect(now).toMatchObject({
      incidents: [{ number: 'INC-2026-0001' }],
      onCall: [],
      brokenPromises: [{ promise: 'DATA-1', alerts: 1 }],
      rates: { alertsPerHour: 1 },
    });
    expect(now.rates.series).toHaveLength(60);
    expect(await rig.now.now(rig.gus)).toMatchObject({
      incidents: [],
      brokenPromises: [],
      rates: { alertsPerHour: 0 },
    });
  });
});
