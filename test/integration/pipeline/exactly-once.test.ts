import { fileURLToPath } from 'node:url';
import { decodeMessage } from '../../../src/detect/signal-message.js';
import type { OutgoingMessage } from '../../../src/platform/event-log/event-log.js';
import { SIGNALS_TOPIC, siloTopics } from '../../../src/platform/event-log/topics.js';
import { system } from '../../../src/platform/database/scope.js';
import { SiloRepository } from '../../../src/silos/silo.repository.js';
import { type AlertRow, type LogKind, PipelineFixture } from './fixture.js';
import { accessLine, auditRecord, onStream } from './records.js';

const NO_RULES = fileURLToPath(new URL('no-rules/', import.meta.url));

const probes = (alerts: readonly AlertRow[]): string[] =>
  alerts
    .filter(({ rule_title: title }) => title === 'A probe')
    .map(({ grouping, count }) => `${grouping[1] ?? ''} ${count}`);

describe.each<LogKind>(['embedded', 'kafka'])('exactly once on the %s log:', (kind) => {
  let fixture: PipelineFixture;
  let tenant: string;
  beforeEach(async () => {
    fixture = await PipelineFixture.open(kind);
    tenant = await fixture.addSilo();
  });
  afterEach(() => fixture.close());

  const append = (...paths: string[]): Promise<unknown> =>
    fixture.log.append(
      onStream(
        tenant,
        'access',
        paths.map((path) => accessLine(new Date(), path)),
      ),
    );
  const untilProbe = (path: string): Promise<string> =>
    fixture.until(path, async () => probes(await fixture.alerts()).find((probe) => probe.startsWith(`${path} `)));

  it('a signal that is in the log twice counts once', async () => {
    await fixture.start();
    await append('/probe/1', '/probe/2');
    await untilProbe('/probe/2');
    const again: OutgoingMessage[] = [];
    for (const { partition, start } of await fixture.log.offsets(SIGNALS_TOPIC)) {
      for (const { value } of await fixture.log.read(SIGNALS_TOPIC, partition, start, 1_000)) {
        again.push({ topic: SIGNALS_TOPIC, partition, key: null, value });
      }
    }
    expect(again.length).toBeGreaterThan(1);
    await fixture.log.append(again);
    await append('/probe/3');
    await untilProbe('/probe/3');
    expect(probes(await fixture.alerts()).sort()).toEqual(['/probe/1 1', '/probe/2 1', '/probe/3 1']);
  });

  it('a restart goes on where the last transaction ended', async () => {
    const first = await fixture.start();
    await append('/probe/1');
    await untilProbe('/probe/1');
    await fixture.stop(first);
    await append('/probe/2');
    await fixture.start();
    await untilProbe('/probe/2');
    expect(probes(await fixture.alerts()).sort()).toEqual(['/probe/1 1', '/probe/2 1']);
  });

  it('a record whose signals the log did not take is read again, and not passed over at the end', async () => {
    const first = await fixture.start();
    const send = first.eventLog.append.bind(first.eventLog);
    let refused = 0;
    first.eventLog.append = async (messages) => {
      const isSignal = ({ value }: OutgoingMessage): boolean =>
        value !== null && decodeMessage(Buffer.from(value))?.kind === 'signals';
      if (!messages.some(isSignal)) return send(messages);
      refused += 1;
      throw new Error('refused as the test asks');
    };
    await append('/probe/1');
    await fixture.until('a second try', async () => (refused > 1 ? true : undefined));
    await fixture.stop(first);
    await fixture.start();
    await untilProbe('/probe/1');
    expect(probes(await fixture.alerts())).toEqual(['/probe/1 1']);
  });

  it('whoever was fenced discards what it holds, and joins again', async () => {
    await fixture.start();
    await append('/probe/1');
    await untilProbe('/probe/1');
    await fixture.query('update correlate_partitions set epoch = epoch + 100');
    await append('/probe/2');
    await untilProbe('/probe/2');
    const rows = await fixture.query<{ epoch: string }>('select epoch from correlate_partitions');
    expect(rows.some(({ epoch }) => Number(epoch) > 101)).toBe(true);
    expect(probes(await fixture.alerts()).sort()).toEqual(['/probe/1 1', '/probe/2 1']);
  });

  it('a transaction that fails in its middle leaves nothing behind, and is done again', async () => {
    const pipeline = await fixture.start({ failFirst: 2 });
    await append('/probe/1');
    await untilProbe('/probe/1');
    expect(probes(await fixture.alerts())).toEqual(['/probe/1 1']);
    expect(await fixture.jobs()).toHaveLength(1);
    const counted = await pipeline.metrics.main.getSingleMetric('silowatch_partition_failures_total')?.get();
    const failures = counted?.values.find(({ labels }) => labels['stage'] === 'correlate')?.value;
    // Another partition that was in the same transaction failed with it.
    expect(failures).toBeGreaterThanOrEqual(2);
  });

  it('a signal whose rule is gone by the time it is counted still alerts', async () => {
    const detecting = await fixture.start({ roles: ['detect'] });
    await append('/probe/1');
    await fixture.until('the signal', async () => {
      const offsets = await fixture.log.offsets(SIGNALS_TOPIC);
      for (const { partition, start } of offsets) {
        const records = await fixture.log.read(SIGNALS_TOPIC, partition, start, 100);
        if (records.some(({ value }) => value?.includes('/probe/1') === true)) return true;
      }
      return undefined;
    });
    await fixture.stop(detecting);
    await fixture.start({ roles: ['correlate'], rulesDirs: NO_RULES });
    expect(await untilProbe('/probe/1')).toBe('/probe/1 1');
  });

  it('a count that is under way survives a restart', async () => {
    const failure = (i: number): string =>
      auditRecord({ time: new Date(Date.now() - 5_000 + i), ip: '192.0.2.3', id: `${tenant}-${i}` });
    const first = await fixture.start();
    await fixture.log.append(onStream(tenant, 'audit', [failure(1), failure(2)]));
    await fixture.until('the group', async () => {
      const rows = await fixture.query(`select 1 from correlate_groups where state::text like '%192.0.2.3%'`);
      return rows.length > 0 ? true : undefined;
    });
    await fixture.stop(first);
    await fixture.log.append(onStream(tenant, 'audit', [failure(3)]));
    await fixture.start();
    const alert = await fixture.until('the count', async () =>
      (await fixture.alerts()).find(({ rule_title: title }) => title === 'Many failed sign-ins'),
    );
    expect(alert.count).toBe('3');
  });

  it('topics that were made anew start from nothing, and lose nothing', async () => {
    await fixture.start();
    await append('/probe/1', '/probe/2', '/probe/3');
    await untilProbe('/probe/3');
    const names = siloTopics(tenant, 1).map(({ name }) => name);
    const repository = new SiloRepository();
    await fixture.db.database.transaction(system('silo-directory'), (tx) => repository.remove(tx, tenant));
    // The readers let go of the topics.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await fixture.log.deleteTopics(names);
    await fixture.addSilo(tenant);
    await append('/probe/4');
    await untilProbe('/probe/4');
    expect(probes(await fixture.alerts())).toHaveLength(4);
  });
});
