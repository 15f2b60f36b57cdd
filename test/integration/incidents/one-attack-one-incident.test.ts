import { type AlertDraft } from '../../../src/correlate/alerts/alert-draft.js';
import { BatchCorrelation } from '../../../src/correlate/correlate-batch.js';
import { Watermarks } from '../../../src/correlate/watermarks.js';
import { AccountTakeover } from '../../../src/demo/simulator/account-takeover.js';
import { Chance } from '../../../src/demo/simulator/chance.js';
import { AuditTrail, type RawRecord } from '../../../src/demo/simulator/records.js';
import { populate } from '../../../src/demo/simulator/world.js';
import { groupKey } from '../../../src/detect/correlation-key.js';
import { detectBatch } from '../../../src/detect/detect-batch.js';
import { readRuleFiles, SHIPPED_RULES } from '../../../src/detect/rule-files.js';
import { compileRules, type Rules } from '../../../src/detect/rules.js';
import { decodeMessage, signalsIn } from '../../../src/detect/signal-message.js';
import { system } from '../../../src/platform/database/scope.js';
import { SIGNALS_TOPIC } from '../../../src/platform/event-log/topics.js';
import { incidentRig, START, type Rig } from './rig.js';

const DAY_MS = 86_400_000;

/** The signals that the records of one silo give, through the same code as in the service. */
function signalsOf(rules: Rules, records: readonly RawRecord[]): Buffer[] {
  return records.flatMap(({ tenant, stream, raw }, offset) => {
    const format = stream === 'access' ? 'combined' : 'silowatch-audit';
    const record = {
      offset,
      timestampMs: START.getTime() + 60_000,
      key: null,
      value: Buffer.from(raw),
      headers: { format: Buffer.from(format) },
    };
    const batch = { topic: `silo.${tenant}.${stream}`, partition: 0, records: [record], highWatermark: 1, attempt: 1 };
    const source = { tenant, stream, incarnation: 1, settings: {} };
    const context = {
      source,
      rules,
      signalsPartitions: 1,
      mostMessages: Infinity,
      nowMs: START.getTime() + 60_000,
      watched: undefined,
    };
    const { messages } = detectBatch(batch, context);
    return messages.filter(({ topic }) => topic === SIGNALS_TOPIC).map(({ value }) => Buffer.from(value ?? ''));
  });
}

/** The alerts that the demo's attack raises, in the order in which they first come up. */
async function alertsOfTheStory(): Promise<AlertDraft[]> {
  const rules = compileRules((await readRuleFiles([SHIPPED_RULES])).files);
  let count = 0;
  const trail = new AuditTrail('acme', () => `id-${(count += 1)}`);
  const chance = new Chance(5);
  const attack = new AccountTakeover(populate('acme', 'Acme', 0, 8, chance), trail, chance, START.getTime());
  const queue = signalsOf(rules, attack.until(START.getTime() + 120_000));
  const context = { partition: 0, signalsPartitions: 1, watermarks: new Watermarks(), outboxSequence: 0 };
  const work = new BatchCorrelation(context, () => undefined);
  let relayed = 0;
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const message = decodeMessage(next);
    if (message?.kind !== 'signals') throw new Error('not a signal');
    for (const sent of signalsIn(message)) {
      const consumer = rules.byHash.get(sent.signal.consumer);
      if (consumer === undefined) throw new Error('an unknown consumer');
      const isFleet = consumer.correlation.silowatch.scope === 'fleet';
      const place = { consumer: consumer.hash, tenant: isFleet ? null : sent.tenant, group: sent.signal.group };
      work.take(groupKey(place), { consumer, rules }, sent);
    }
    const fresh = work.outbox.slice(relayed);
    relayed = work.outbox.length;
    queue.unshift(...fresh.map((outgoing) => Buffer.from(outgoing.message)));
  }
  return [...work.drafts.values()];
}

let rig: Rig;
beforeAll(async () => {
  rig = await incidentRig();
});
afterAll(() => rig.drop());

/** Raises the alerts in this order, as if the attack had happened `days` later; returns the incidents in which they end, null for triage. */
async function incidentsAfter(drafts: readonly AlertDraft[], days: number): Promise<Set<string | null>> {
  const later = (at: Date): Date => new Date(at.getTime() + days * DAY_MS);
  const ids: string[] = [];
  for (const { identity: _identity, arrivalMs: _arrivalMs, traceparent: _traceparent, ...alert } of drafts) {
    const times = { firstEventAt: later(alert.firstEventAt), lastEventAt: later(alert.lastEventAt) };
    ids.push((await rig.raise({ ...alert, ...times })).id);
  }
  return rig.db.database.transaction(system('correlate'), async (tx) => {
    const incidents = new Set<string | null>();
    for (const id of ids) incidents.add((await rig.alerts.find(tx, id))?.incidentId ?? null);
    return incidents;
  });
}

describe('the story of the demo', () => {
  it('ends in exactly one incident, whichever of its alerts comes first', async () => {
    const drafts = await alertsOfTheStory();
    expect(drafts.length).toBeGreaterThanOrEqual(6);
    const chance = new Chance(11);
    const orders = [
      drafts,
      drafts.toReversed(),
      ...drafts.map((first) => [first, ...drafts.filter((one) => one !== first)]),
      ...Array.from({ length: 5 }, () =>
        drafts
          .map((draft) => [chance.next(), draft] as const)
          .sort(([a], [b]) => a - b)
          .map(([, draft]) => draft),
      ),
    ];
    for (const [index, order] of orders.entries()) {
      const incidents = await incidentsAfter(order, index * 30);
      const titles = order.map(({ ruleTitle }) => ruleTitle).join(' > ');
      expect({ titles, incidents: incidents.size, isLeftOut: incidents.has(null) }).toEqual({
        titles,
        incidents: 1,
        isLeftOut: false,
      });
      rig.clock.advanceMs(30 * DAY_MS);
    }
  }, 60_000);
});
