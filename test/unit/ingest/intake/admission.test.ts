import { Admission, REQUEST_BYTES } from '../../../../src/ingest/intake/admission.js';
import { tokenOf } from '../../../../src/ingest/intake/authorization.js';

const MIB = 1024 * 1024;
const bounds = {
  bytesInFlight: 4 * MIB,
  siloBytesInFlight: 2 * MIB,
  siloBytesPerSecond: MIB,
  siloBurstBytes: 10 * MIB,
  logSilentMs: 10_000,
};
const why = (attempt: () => unknown): unknown => {
  try {
    attempt();
    return undefined;
  } catch (error) {
    const { details } = error as { details: Record<string, unknown> };
    return [details['why'], details['retryAfterSeconds']];
  }
};

describe('admission', () => {
  it('holds each silo to its share, and all together to the bound; what ends makes room', () => {
    const admission = new Admission(bounds);
    const a = admission.begin('a', 0);
    a.add(MIB);
    expect(why(() => a.add(MIB))).toEqual(['silo_in_flight', 1]);
    const b = admission.begin('b', 0);
    b.add(MIB);
    const c = admission.begin('c', 0);
    expect(why(() => c.add(2 * MIB - REQUEST_BYTES))).toEqual(['in_flight', 1]);
    a.end();
    expect(why(() => c.add(MIB))).toBeUndefined();
    b.end();
    c.end();
    expect(admission.bytesInFlight).toBe(0);
  });

  it('makes a silo in debt wait until its rate has paid it off', () => {
    const admission = new Admission(bounds);
    admission.begin('a', 0).end();
    admission.charge('a', 13 * MIB, 0);
    expect(why(() => admission.begin('a', 0))).toEqual(['silo_rate', 3]);
    expect(why(() => admission.begin('b', 0))).toBeUndefined();
    expect(why(() => admission.begin('a', 2_000))).toEqual(['silo_rate', 1]);
    expect(why(() => admission.begin('a', 3_001))).toBeUndefined();
  });

  it('asks nothing more of a log that has not acknowledged for ten seconds', async () => {
    const admission = new Admission(bounds);
    let acknowledge = (): void => undefined;
    const append = admission.appending(
      'a',
      () => 0,
      () => new Promise<void>((resolve) => (acknowledge = resolve)),
    );
    expect(why(() => admission.begin('a', 10_000))).toBeUndefined();
    expect(why(() => admission.begin('a', 10_001))).toEqual(['log_silent', 2]);
    acknowledge();
    await append;
    expect(why(() => admission.begin('a', 10_002))).toBeUndefined();
  });

  it('gives the log four bodies of a silo at once, the next in their order, and others’ meanwhile', async () => {
    const admission = new Admission(bounds);
    const given: string[] = [];
    const acknowledge: (() => void)[] = [];
    const append = (tenant: string, body: number): Promise<void> =>
      admission.appending(
        tenant,
        () => 0,
        () => {
          given.push(`${tenant}${body}`);
          return new Promise<void>((resolve, reject) =>
            acknowledge.push(body === 1 ? () => reject(new Error('no')) : resolve),
          );
        },
      );
    const settled = Promise.allSettled([...[0, 1, 2, 3, 4, 5].map((body) => append('a', body)), append('b', 0)]);
    expect(given).toEqual(['a0', 'a1', 'a2', 'a3', 'b0']);
    for (let n = 0; n < 7; n += 1) {
      acknowledge[n]?.();
      await new Promise(setImmediate);
    }
    expect(given).toEqual(['a0', 'a1', 'a2', 'a3', 'b0', 'a4', 'a5']);
    expect((await settled).map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1);
  });
});

it.each([
  ['Bearer abc', 'abc'],
  ['splunk abc', 'abc'],
  [`ApiKey ${Buffer.from('id:abc').toString('base64')}`, 'abc'],
  [`Basic ${Buffer.from('user:a:b').toString('base64')}`, 'a:b'],
  ['Basic !!!', undefined],
  ['Digest abc', undefined],
  ['Bearer a b', undefined],
  [`Bearer ${'x'.repeat(600)}`, undefined],
  [undefined, undefined],
])('of the header %p the token is %p', (header, token) => {
  expect(tokenOf(header)).toBe(token);
});
