import { scopeOf } from '../../../src/access/staff.js';
import type { Incident } from '../../../src/incidents/incident.js';
import { silo, system } from '../../../src/platform/database/scope.js';
import { incidentRig, jobs, START, type Rig } from './rig.js';

let rig: Rig;
beforeEach(async () => {
  rig = await incidentRig();
});
afterEach(() => rig.drop());

const ip = (value: string) => ({ kind: 'ip' as const, value });
const user = (value: string) => ({ kind: 'user' as const, value });
const all = (): Promise<readonly Incident[]> =>
  rig.db.database.transaction(system('incident-sweep'), (tx) =>
    rig.incidents.list(tx, {
      statuses: ['open', 'contained', 'resolved', 'closed', 'false_positive', 'duplicate'],
      limit: 100,
    }),
  );

describe('an alert', () => {
  it('opens an incident with its number, silo, severity, first entries and jobs', async () => {
    const alert = await rig.raise({ level: 'critical', tags: ['attack.exfiltration'] });
    const [incident] = await all();
    expect(incident).toMatchObject({
      id: alert.incidentId,
      number: 'INC-2026-0001',
      severity: 'SEV1',
      status: 'open',
      tenants: ['acme'],
      openedAt: START,
    });
    expect((await jobs(rig.db)).map(({ name }) => name)).toEqual(['paging.incident-opened', 'containment.propose']);
  });

  it('joins the running incident of the same silo and entity within the window, and not beyond', async () => {
    const first = await rig.raise({});
    rig.clock.advanceMs(50 * 60_000);
    const second = await rig.raise({ level: 'medium', entities: [user('u-1'), ip('198.51.100.7')] });
    expect(second.incidentId).toBe(first.incidentId);
    // Through the address that the second one brought.
    const third = await rig.raise({ level: 'medium', entities: [ip('198.51.100.7')] });
    expect(third.incidentId).toBe(first.incidentId);
    rig.clock.advanceMs(61 * 60_000);
    expect((await rig.raise({})).incidentId).not.toBe(first.incidentId);
  });

  it('waits in triage when its rule opens none, and is taken along when an incident opens on its entity', async () => {
    const waiting = await rig.raise({ level: 'medium', entities: [ip('198.51.100.7')] });
    const other = await rig.raise({ level: 'medium', entities: [ip('198.51.100.8')] });
    expect([waiting.incidentId, other.incidentId]).toEqual([null, null]);
    rig.clock.advanceMs(60_000);
    const opening = await rig.raise({ entities: [user('u-1'), ip('198.51.100.7')] });
    const found = await rig.db.database.transaction(system('correlate'), async (tx) => [
      await rig.alerts.find(tx, waiting.id),
      await rig.alerts.find(tx, other.id),
    ]);
    expect(found.map((alert) => alert?.incidentId)).toEqual([opening.incidentId, null]);
  });

  it('that joins takes along what waited about its entities, and about theirs', async () => {
    const far = await rig.raise({ level: 'medium', entities: [ip('198.51.100.9')] });
    const near = await rig.raise({ level: 'medium', entities: [ip('198.51.100.9'), user('u-9')] });
    const stranger = await rig.raise({ level: 'medium', entities: [ip('198.51.100.10')] });
    const opening = await rig.raise({ entities: [user('u-1')] });
    const tie = await rig.raise({ level: 'medium', entities: [user('u-1'), user('u-9')] });
    const found = await rig.db.database.transaction(system('correlate'), async (tx) => {
      const ids: (string | null | undefined)[] = [];
      for (const { id } of [tie, near, far, stranger]) ids.push((await rig.alerts.find(tx, id))?.incidentId);
      return ids;
    });
    expect(found).toEqual([opening.incidentId, opening.incidentId, opening.incidentId, null]);
  });

  it('of a batch joins once, whether its turn comes or another took it along before', async () => {
    const medium = { level: 'medium' } as const;
    const batch = [
      await rig.alert({ ...medium, entities: [user('u-2'), ip('198.51.100.9')] }),
      await rig.alert({ ...medium, entities: [user('u-8')] }),
      await rig.alert({ entities: [user('u-1'), user('u-2')] }),
      await rig.alert({ ...medium, entities: [ip('198.51.100.9')] }),
      await rig.alert({ ...medium, entities: [user('u-7')] }),
      await rig.alert({ entities: [user('u-7')] }),
    ];
    const placed = await rig.db.database.transaction(system('correlate'), async (tx) => {
      const written = batch.map((alert) => ({ alert, isNew: true }));
      await rig.opener.onAlerts(tx, written);
      return Promise.all(batch.map(({ id }) => rig.alerts.find(tx, id)));
    });
    const [first, alone, opening, last, waiting, other] = placed.map((alert) => alert?.incidentId);
    expect([first, last, alone, waiting]).toEqual([opening, opening, null, other]);
    expect([opening, other]).not.toContain(null);
    expect(other).not.toBe(opening);
    const proposals = (await jobs(rig.db)).filter(({ name }) => name === 'containment.propose');
    expect(proposals).toHaveLength(5);
  });

  it('about the same attacker in two silos makes one incident with two silos, and raises its severity', async () => {
    await rig.raise({ entities: [ip('203.0.113.9')] });
    await rig.raise({ tenant: 'globex', level: 'critical', entities: [ip('203.0.113.9')] });
    const found = await all();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ tenants: ['acme', 'globex'], severity: 'SEV1' });
  });

  it('about the same private address or user name in two silos makes two', async () => {
    await rig.raise({ entities: [ip('10.0.0.5'), user('u-1')] });
    await rig.raise({ tenant: 'globex', entities: [ip('10.0.0.5'), user('u-1')] });
    expect(await all()).toHaveLength(2);
  });

  it('with hostile texts is kept as text', async () => {
    const ruleTitle = `<img src=x onerror=alert(1)>'; drop table incidents; --`;
    await rig.raise({ ruleTitle, entities: [user(`u'); delete from incidents; --`)] });
    expect((await all())[0]?.title).toBe(ruleTitle);
  });

  it('raised by two correlators at once opens one incident', async () => {
    const alerts = await Promise.all(
      Array.from({ length: 12 }, (_, i) => rig.raise({ entities: [user('u-1'), ip(`198.51.100.${i}`)] })),
    );
    expect(new Set(alerts.map(({ incidentId }) => incidentId)).size).toBe(1);
    expect(await all()).toHaveLength(1);
  });
});

describe('the number', () => {
  it('has no gaps under concurrency and roll-backs, and starts anew each year', async () => {
    await Promise.all(
      Array.from({ length: 10 }, async (_, i) => {
        if (i % 3 !== 0) return rig.raise({ entities: [user(`u-${i}`)] });
        const alert = await rig.alert({ entities: [user(`u-${i}`)] });
        const broken = rig.db.database.transaction(system('correlate'), async (tx) => {
          await rig.opener.onAlerts(tx, [{ alert, isNew: true }]);
          throw new Error('rolled back');
        });
        await expect(broken).rejects.toThrow('rolled back');
        return undefined;
      }),
    );
    rig.clock.advanceMs(366 * 86_400_000);
    await rig.raise({ entities: [user('next-year')] });
    const numbers = (await all()).map(({ number }) => number).sort();
    expect(numbers).toEqual([
      'INC-2026-0001',
      'INC-2026-0002',
      'INC-2026-0003',
      'INC-2026-0004',
      'INC-2026-0005',
      'INC-2026-0006',
      'INC-2027-0001',
    ]);
  });
});

describe('what is seen of an incident over several silos', () => {
  it('is one’s own part: its silos, entries and alerts, and no name of another', async () => {
    const alert = await rig.raise({ entities: [ip('203.0.113.9')] });
    await rig.raise({ tenant: 'globex', entities: [ip('203.0.113.9')] });
    await rig.settle();
    const id = alert.incidentId ?? '';
    const detail = JSON.stringify(await rig.read.detail(rig.gus, id));
    expect(detail).toMatch(/globex/);
    expect(detail).not.toMatch(/acme/);
    const timeline = JSON.stringify(await rig.read.timelineOf(rig.gus, id, { limit: 50 }));
    expect(timeline).toMatch(/globex/);
    expect(timeline).not.toMatch(/acme/);
    await expect(rig.triage.setSeverity(rig.gus, id, 'SEV1', 'x')).resolves.toBeUndefined();
    await expect(rig.dispositions.falsePositive(rig.gus, id, 'x')).rejects.toThrow(/silos that your account/);
  });

  it('is nothing at all when none of its silos is one’s own', async () => {
    const alert = await rig.raise({});
    await expect(rig.read.detail(rig.gus, alert.incidentId ?? '')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await rig.read.list(rig.gus, undefined, undefined, 50)).toEqual({ items: [], nextCursor: null });
    const rows = await rig.db.database.transaction(silo('globex'), (tx) =>
      tx.query<unknown[]>(`select * from incidents`),
    );
    expect(rows).toEqual([]);
  });

  it('is number and severity for those who are not on a restricted incident’s list', async () => {
    const alert = await rig.raise({});
    const id = alert.incidentId ?? '';
    await rig.triage.restrict(rig.ada, id, { isRestricted: true, staffIds: [], reason: 'an insider' });
    const list = (await rig.read.list(rig.ben, undefined, undefined, 50)) as { items: Record<string, unknown>[] };
    expect(list.items[0]).toMatchObject({ number: 'INC-2026-0001', title: 'Restricted incident', tenants: [] });
    await expect(rig.read.detail(rig.ben, id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(rig.read.timelineOf(rig.ben, id, { limit: 5 })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(rig.triage.note(rig.ben, id, 'hello')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await rig.read.detail(rig.ada, id)).toMatchObject({ title: alert.ruleTitle });
  });
});

describe('the timeline', () => {
  it('cannot be changed or emptied by the service', async () => {
    const alert = await rig.raise({});
    for (const sql of [`update timeline_entries set text = 'x'`, 'delete from timeline_entries'])
      await expect(rig.db.database.transaction(system('operator'), (tx) => tx.query(sql))).rejects.toThrow(
        /permission denied/,
      );
    const timeline = (await rig.read.timelineOf(rig.ada, alert.incidentId ?? '', { limit: 50 })) as {
      items: { kind: string }[];
    };
    expect(timeline.items.map(({ kind }) => kind).sort()).toEqual(['alert', 'status']);
  });

  it('pages through without losing or repeating an entry', async () => {
    const alert = await rig.raise({});
    const id = alert.incidentId ?? '';
    for (let i = 0; i < 7; i += 1) await rig.triage.note(rig.ada, id, `note ${i}`);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = (await rig.read.timelineOf(rig.ada, id, { kind: 'note', limit: 2, cursor })) as {
        items: { text: string }[];
        nextCursor: string | null;
      };
      seen.push(...page.items.map(({ text }) => text));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual(Array.from({ length: 7 }, (_, i) => `note ${i}`));
  });
});

describe('an alert from triage', () => {
  it('is opened or joined by hand, by those who see its silo', async () => {
    const waiting = await rig.raise({ level: 'medium' });
    const id = await rig.alertTriage.toIncident(rig.ada, waiting.id, undefined);
    const other = await rig.raise({ level: 'medium', entities: [user('u-9')] });
    expect(await rig.alertTriage.toIncident(rig.ada, other.id, id)).toBe(id);
    await expect(rig.alertTriage.toIncident(rig.ada, other.id, id)).rejects.toMatchObject({
      code: 'ALERT_HAS_INCIDENT',
    });
    const third = await rig.raise({ level: 'medium', entities: [user('u-10')] });
    await expect(rig.alertTriage.toIncident(rig.gus, third.id, undefined)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const mine = await rig.raise({ tenant: 'globex', level: 'medium', entities: [user('u-11')] });
    const opened = await rig.alertTriage.toIncident(rig.gus, mine.id, undefined);
    const found = await rig.db.database.transaction(scopeOf(rig.gus), (tx) => rig.incidents.find(tx, opened));
    expect(found?.tenants).toEqual(['globex']);
  });
});

describe('an incident that somebody holds', () => {
  it('takes facts meanwhile: rows that refer to it wait for nobody', async () => {
    const { incidentId } = await rig.raise({});
    const { database } = rig.db;
    await database.transaction(system('incident-sweep'), async (tx) => {
      await rig.incidents.lock(tx, incidentId!);
      await database.transaction(system('incident-sweep'), async (other) => {
        await other.query(`set local lock_timeout = '2s'`);
        await other.query(
          `insert into incident_facts (id, incident_id, fact, value, at, recorded_at, actor_id, actor_name)
           values (gen_random_uuid(), $1, 'detected', '"x"', $2, $2, 'x', 'x')`,
          [incidentId, START],
        );
      });
    });
  });

  it('that cannot be looked at leaves the others their turn, and is looked at again', async () => {
    const broken = await rig.raise({});
    const whole = await rig.raise({ entities: [user('u-2')] });
    const containment = rig.containment;
    containment.missingOf = (incidentId) => {
      if (incidentId === broken.incidentId) throw new Error('no look at this one');
      return [];
    };
    const due = (): Promise<{ id: string }[]> =>
      rig.db.database.transaction(system('incident-sweep'), (tx) =>
        tx.query('select id from incidents where recheck_at <= $1', [rig.clock.now()]),
      );
    await rig.settle();
    expect(await due()).toEqual([]);
    rig.clock.advanceMs(10_000);
    expect(await due()).toEqual([{ id: broken.incidentId }]);
    expect(whole.incidentId).not.toBe(broken.incidentId);
  });

  it('is passed over by the sweep, which looks at the others', async () => {
    const [held, other] = [await rig.raise({}), await rig.raise({ entities: [user('u-2')] })];
    const { database } = rig.db;
    await database.transaction(system('incident-sweep'), async (tx) => {
      await rig.incidents.lock(tx, held.incidentId!);
      while (await rig.sweep.sweep());
    });
    const due = await database.transaction(system('incident-sweep'), (tx) =>
      tx.query<{ id: string }[]>('select id from incidents where recheck_at <= $1', [rig.clock.now()]),
    );
    expect(due).toEqual([{ id: held.incidentId }]);
    expect(other.incidentId).not.toBe(held.incidentId);
  });
});
