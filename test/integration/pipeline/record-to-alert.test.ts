import { createHash } from 'node:crypto';
import { type LogKind, PipelineFixture } from './fixture.js';
import { accessLine, onStream } from './records.js';

const PROBE = '11111111-1111-4111-8111-111111111101';

describe.each<LogKind>(['embedded', 'kafka'])('a record on the %s log', (kind) => {
  let fixture: PipelineFixture;
  beforeEach(async () => {
    fixture = await PipelineFixture.open(kind);
  });
  afterEach(() => fixture.close());

  it('becomes one alert with its evidence and its job', async () => {
    const tenant = await fixture.addSilo();
    await fixture.start();
    const line = accessLine(new Date(), '/probe/1');
    const [position] = await fixture.log.append(
      onStream(tenant, 'access', [accessLine(new Date(), '/'), line]).slice(0),
    );
    const [alert] = await fixture.untilAlerts(1);
    expect(alert).toMatchObject({ tenant_id: tenant, rule_id: PROBE, count: '1', is_late: false });
    expect(alert!.entities).toEqual([
      { kind: 'ip', value: '203.0.113.7' },
      { kind: 'other', value: '/probe/1' },
    ]);
    const sha256 = createHash('sha256').update(line).digest('hex');
    expect(alert!.samples).toEqual([expect.objectContaining({ raw: line, sha256, offset: position!.offset + 1 })]);
    expect(await fixture.jobs()).toEqual([alert!.id]);
  });
});
