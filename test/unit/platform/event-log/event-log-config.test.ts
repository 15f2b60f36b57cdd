import { describeFault, loadConfig } from '../../../../src/platform/config/config.js';
import { eventLogConfig } from '../../../../src/platform/event-log/event-log.config.js';

const faultsOf = (env: Record<string, string>): string[] => {
  const loaded = loadConfig([eventLogConfig], env);
  return loaded.ok ? [] : loaded.faults.map(describeFault);
};

describe('brokers', () => {
  it('off loopback are refused until somebody said whether TLS is spoken', () => {
    const [fault, ...others] = faultsOf({ KAFKA_BROKERS: '127.0.0.1:9092,kafka-2.example:9092' });
    expect(others).toEqual([]);
    expect(fault).toBe(
      'KAFKA_TLS: must be set, since kafka-2.example:9092 is not on loopback: to true, or to false where nobody else can read that network. Example: KAFKA_TLS=true',
    );
    for (const said of ['true', 'false']) {
      expect(faultsOf({ KAFKA_BROKERS: 'kafka-2.example:9092', KAFKA_TLS: said })).toEqual([]);
    }
  });

  it('on loopback, or none at all, need no TLS', () => {
    expect(faultsOf({ KAFKA_BROKERS: 'localhost:9092,127.0.0.1:9093' })).toEqual([]);
    expect(faultsOf({})).toEqual([]);
  });
});
