import { siloTermsSchema } from '../../../src/silos/silo.schema.js';

const accepts = (terms: object): boolean => siloTermsSchema.safeParse({ tenant: 'harbor', ...terms }).success;

describe('the terms of a silo', () => {
  it.each([
    ['harbor', true],
    ['harbor-2', true],
    ['a', true],
    ['Harbor', false],
    ['-harbor', false],
    ['harbor.access', false],
    ['har bor', false],
    ['..', false],
    ['', false],
    ['a'.repeat(63), true],
    ['a'.repeat(64), false],
  ])('for the tenant %j: %s', (tenant, expected) => {
    expect(accepts({ tenant })).toBe(expected);
  });

  it.each([
    [{ timeZone: 'Europe/Berlin' }, true],
    [{ timeZone: 'Mars/Olympus' }, false],
    [{ language: 'de-AT' }, true],
    [{ language: 'german!' }, false],
    [{ jurisdictions: ['EU', 'US-CA'] }, true],
    [{ jurisdictions: ['europe'] }, false],
    [{ noticeHours: 0 }, false],
    [{ noticeHours: Number.NaN }, false],
    [{ name: 'Harbor\u001b[31m' }, false],
    [{ contacts: [{ role: 'security', name: 'Ada', email: 'ada@harbor.example' }] }, true],
    [{ contacts: [{ role: 'security', name: 'Ada', email: 'ada@harbor.example\r\nBcc: x@y.example' }] }, false],
    [{ contacts: [{ role: 'boss', name: 'Ada', email: 'ada@harbor.example' }] }, false],
  ])('with %j: %s', (more, expected) => {
    expect(accepts(more)).toBe(expected);
  });
});
