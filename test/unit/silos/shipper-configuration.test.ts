import { parse } from 'yaml';
import {
  INTAKE_SHIPPERS,
  intakeConfiguration,
  shipperConfiguration,
} from '../../../src/silos/shipper-configuration.js';

const target = {
  tenant: 'harbor',
  brokers: 'kafka-1.example:9092,kafka-2.example:9092',
  isTls: true,
  hasOwnCa: false,
};

describe('the configuration of a shipper', () => {
  it('is YAML for Vector that writes both streams as the silo’s shipper', () => {
    const { sinks } = parse(shipperConfiguration('vector', target), { merge: true }) as {
      sinks: Record<string, Record<string, unknown>>;
    };
    expect(Object.values(sinks).map(({ topic }) => topic)).toEqual(['silo.harbor.access', 'silo.harbor.audit']);
    for (const sink of Object.values(sinks)) {
      expect(sink).toMatchObject({
        bootstrap_servers: target.brokers,
        sasl: {
          mechanism: 'SCRAM-SHA-512',
          username: 'silo.harbor.shipper',
          password: '${SILOWATCH_SHIPPER_PASSWORD}',
        },
        tls: { enabled: true },
        acknowledgements: { enabled: true },
      });
    }
  });

  it('has an output for each stream of Fluent Bit, over TLS only where the broker speaks it', () => {
    const text = shipperConfiguration('fluent-bit', target);
    expect(text).toContain('topics                    silo.harbor.access');
    expect(text).toContain('topics                    silo.harbor.audit');
    expect(text).toContain('SASL_SSL');
    expect(shipperConfiguration('fluent-bit', { ...target, isTls: false })).toContain('SASL_PLAINTEXT');
  });

  it('names the certificate of an authority of one’s own only where there is TLS', () => {
    for (const shipper of ['vector', 'fluent-bit'] as const) {
      expect(shipperConfiguration(shipper, { ...target, hasOwnCa: true })).toContain('/etc/silowatch/ca.pem');
      expect(shipperConfiguration(shipper, { ...target, isTls: false, hasOwnCa: true })).not.toContain('ca.pem');
      expect(shipperConfiguration(shipper, target)).not.toContain('ca.pem');
    }
  });

  it.each(INTAKE_SHIPPERS)(
    'for %s over HTTP names both streams, waits on disk and keeps the token outside',
    (shipper) => {
      const text = intakeConfiguration(shipper, { url: 'http://localhost:3000/intake' });
      for (const stream of ['access', 'audit']) expect(text).toMatch(new RegExp(`/intake/${stream}\\b`));
      expect(text).toContain('SILOWATCH_INTAKE_TOKEN}');
      expect(text).toMatch(/buffer: .*disk|storage\.type +filesystem|sending_queue: .*file_storage/);
    },
  );

  it('for Fluent Bit over HTTP speaks TLS only where the service does', () => {
    const at = (url: string): string => intakeConfiguration('fluent-bit', { url });
    expect(at('https://silowatch.example/intake')).toMatch(/port +443\n[^]*tls +on/);
    expect(at('http://localhost:3000/intake')).toMatch(/port +3000\n[^]*tls +off/);
  });
});
