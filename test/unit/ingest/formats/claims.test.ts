import { otherTenants } from '../../../../src/ingest/formats/claims.js';
import type { Envelope } from '../../../../src/ingest/formats/envelope.js';
import { parseRecord } from '../../../../src/ingest/formats/parse-record.js';
import { claimOfKept } from '../../../../src/ingest/kept-claims.js';
import { lineOfKept, TOGETHER_HEADER } from '../../../../src/ingest/kept-together.js';

const arrivalMs = Date.parse('2026-03-10T00:00:00Z');

/** What a record claims that is one, and what one claims beside its dead letter. */
function claimOf(record: unknown, said: { format?: string; envelope?: Envelope } = {}): unknown {
  const text = typeof record === 'string' ? record : JSON.stringify(record);
  const parsed = parseRecord(Buffer.from(text), { arrivalMs, ...said });
  return parsed.ok ? parsed.event.claimedTenant : [parsed.reason, parsed.claimedTenant];
}

describe('a tenant', () => {
  it.each([
    ['a list', { tenant: ['globex'] }, 'globex'],
    ['a list of several', { tenant: ['acme', 'globex', 7] }, 'acme, globex, 7'],
    ['an object', { tenant: { id: 'globex', plan: { of: 1 }, title: 'Globex, Inc.' } }, 'globex'],
    ['a list of objects', { tenant: [{ id: 'acme', title: 'x' }, { id: 'globex' }] }, 'acme / x, globex'],
    ['two members', '{"tenant":"globex","a":1,"tenant":"acme"}', 'globex, acme'],
    ['two members, one of them escaped', '{"\\u0074enant":"globex","tenant":"acme"}', 'globex, acme'],
    ['the journal’s member', { MESSAGE: 'x', SYSLOG_IDENTIFIER: 'app', TENANT: 'globex' }, 'globex'],
    ['the journal’s trusted member', { MESSAGE: 'x', SYSLOG_IDENTIFIER: 'app', _TENANT: 'globex' }, 'globex'],
    ['JSON in the journal', { MESSAGE: '{"tenant":"globex"}', SYSLOG_IDENTIFIER: 'app' }, 'globex'],
    [
      'JSON in the journal as bytes',
      { MESSAGE: [...Buffer.from('{"tenant":"globex"}')], SYSLOG_IDENTIFIER: 'a' },
      'globex',
    ],
    [
      'a line in a shipper’s JSON',
      { message: '{"v":1,"action":"a.b","outcome":"success","tenant":"globex"}' },
      'globex',
    ],
    ['a line in a line', { log: JSON.stringify({ message: '{"tenant":"globex"}' }) }, 'globex'],
    ['a line and around it', { log: '{"tenant":"globex"}', tenant: 'acme' }, 'acme, globex'],
    ['structured data', '<134>1 2026-03-09T12:59:59Z h app 1 - [a b=" tenant="][m@1 tenant="glo\\"bex"] hi', 'glo"bex'],
    [
      'structured data far behind',
      `<134>1 2026-03-09T12:59:59Z h app 1 - [a ${'b="c" '.repeat(9000)}tenant="globex"] hi`,
      'globex',
    ],
    ['JSON in RFC 5424', '<134>1 2026-03-09T12:59:59Z h app 1 - - {"tenant":"globex"}', 'globex'],
    ['announced JSON in RFC 3164', 'Mar  9 12:59:59 h app: @cee: {"tenant":"globex"}', 'globex'],
    ['auditd', "type=USER_AUTH msg=audit(1772357400.123:42): pid=1 msg='op=login tenant=globex res=success'", 'globex'],
    ['none', 'Mar  9 12:59:59 h app: the tenant is {"tenant"', undefined],
  ])('that is named by %s is a claim', (_by, record, claim) => {
    expect(claimOf(record)).toBe(claim);
  });

  it.each([
    [
      'an audit record that breaks its contract',
      { v: 1, action: 'NO', outcome: 'success', tenant: 'globex' },
      'invalid',
      {},
    ],
    [
      'several records in one',
      { tenant: 'globex', Records: [{ eventVersion: '1', eventSource: 's', eventName: 'n' }] },
      'send_singly',
      {},
    ],
    [
      'one of several records',
      { Records: [{}, { eventVersion: '1', eventSource: 's', eventName: 'n', tenant: 'globex' }] },
      'send_singly',
      {},
    ],
    ['JSON with too many members', { a: Array(2001).fill(1), tenant: 'globex' }, 'too_many_fields', {}],
    ['JSON with far too many members', { a: Array(60_000).fill(1), tenant: 'globex' }, 'too_many_fields', {}],
    ['JSON that is too deep', `{"a":${'['.repeat(70)}${']'.repeat(70)},"tenant":"globex"}`, 'too_deep', {}],
    ['JSON that is too large', { a: 'x'.repeat(1024 * 1024), tenant: 'globex' }, 'too_large', {}],
    ['JSON that is cut off', '{"tenant":"globex","a":"', 'malformed', {}],
    ['JSON of another format than is said', { tenant: 'globex' }, 'malformed', { format: 'caddy' }],
    [
      'syslog of another format than is said',
      '<134>1 2026-03-09T12:59:59Z h app 1 - [m tenant="globex"]',
      'malformed',
      { format: 'json' },
    ],
    ['a record of no known format', { tenant: 'globex' }, 'unknown_format', { format: 'none' }],
    ['the envelope of what is no record', 'hello', 'unrecognised', { envelope: { fields: { tenant: 'globex' } } }],
  ])('that is named by %s is a claim beside its dead letter', (_by, record, reason, said) => {
    expect(claimOf(record, said)).toEqual([reason, 'globex']);
  });

  it('that is named among records that are kept together is a claim', () => {
    const kept = (bytes: string, envelope?: string): string => lineOfKept({ bytes: Buffer.from(bytes), envelope });
    const value =
      kept('a') + kept('{"tenant":"globex","v":1') + kept('b', '{"fields":{"tenant":"initech"}}') + kept('c');
    const headers = { [TOGETHER_HEADER]: Buffer.from('malformed') };
    const record = { offset: 0, timestampMs: arrivalMs, key: null, value: Buffer.from(value), headers };
    expect(claimOfKept(record, { arrivalMs })).toBe('globex, initech');
  });

  it('is another’s unless it is the silo’s own, which an object may say more of', () => {
    const others = (record: unknown): unknown => otherTenants(claimOf(record) as string | undefined, 'acme');
    expect(others({ tenant: 'acme' })).toBeUndefined();
    expect(others({ tenant: { id: 'acme', plan: 'gold' } })).toBeUndefined();
    expect(others({ tenant: ['acme', 'acme'] })).toBeUndefined();
    expect(others({ tenant: ['acme', 'globex'] })).toBe('globex');
    expect(others({ tenant: { id: 'globex' } })).toBe('globex');
    expect(others('{"tenant":"globex","tenant":"acme"}')).toBe('globex');
  });

  it('that is named twice is a list of both, and else stays as it is', () => {
    const tenantOf = (text: string): unknown => {
      const parsed = parseRecord(Buffer.from(text), { arrivalMs });
      return parsed.ok ? parsed.event.fields['tenant'] : parsed.reason;
    };
    expect(tenantOf('{"tenant":"a","tenant":"b"}')).toEqual(['a', 'b']);
    expect(tenantOf('{"tenant":{"id":"a"},"target":{"tenant":"b"}}')).toEqual({ id: 'a' });
    expect(tenantOf(`{${'"tenant":"a",'.repeat(200)}"tenant":"b"}`)).toEqual(['a', 'b']);
  });

  it.each(['"tenant":1,', '"tenant":[[', '"\\u0074', '"tenant":"\\', '{"tenant":'])(
    'that is named without end by %j is read in bounded time',
    (part) => {
      for (const head of ['{', '{"tenant":"a","message":"{', 'Mar  9 12:59:59 h app: {']) {
        const startedMs = performance.now();
        claimOf(head + part.repeat(Math.floor(1_000_000 / part.length)));
        // A tenth of a second on a free machine.
        expect(performance.now() - startedMs).toBeLessThan(5_000);
      }
    },
  );
});
