import { randomBytes } from 'node:crypto';
import { generateSync } from 'otplib';
import { newRecoveryCodes, normaliseRecoveryCode } from '../../../src/access/recovery-codes.js';
import { checkTotp, newTotpSecret, totpUri } from '../../../src/access/totp.js';

describe('a code of an authenticator', () => {
  const secret = newTotpSecret();
  const now = new Date('2026-03-01T09:00:10Z');
  const step = Math.floor(now.getTime() / 30_000);
  const codeAt = (seconds: number): string => generateSync({ secret, epoch: now.getTime() / 1000 + seconds });

  it('is good in its period and the neighbouring ones', () => {
    expect(checkTotp(secret, codeAt(0), now, 0)).toBe(step);
    expect(checkTotp(secret, codeAt(-30), now, 0)).toBe(step - 1);
    expect(checkTotp(secret, codeAt(30), now, 0)).toBe(step + 1);
    expect(checkTotp(secret, codeAt(-90), now, 0)).toBeUndefined();
    expect(checkTotp(secret, codeAt(90), now, 0)).toBeUndefined();
  });
  it('is refused when it or a newer one was used', () => {
    expect(checkTotp(secret, codeAt(0), now, step)).toBeUndefined();
    expect(checkTotp(secret, codeAt(-30), now, step)).toBeUndefined();
    expect(checkTotp(secret, codeAt(30), now, step)).toBe(step + 1);
    expect(checkTotp(secret, codeAt(0), now, step + 1000)).toBeUndefined();
  });
  it.each(['', '12345', '1234567', 'abcdef', '１２３４５６', `${codeAt(0)}\n`])('%j is none', (code) => {
    expect(checkTotp(secret, code, now, 0)).toBeUndefined();
  });
  it('agrees with RFC 6238 (appendix B, SHA-1, the last six digits)', () => {
    const rfc = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect(checkTotp(rfc, '287082', new Date(59_000), 0)).toBe(1);
    expect(checkTotp(rfc, '050471', new Date(1_111_111_111_000), 0)).toBe(37_037_037);
  });
  it('comes from a secret of 160 bits that applications can read', () => {
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(totpUri(secret, 'a&b@example.test')).toContain(encodeURIComponent('a&b@example.test'));
  });
});

describe('recovery codes', () => {
  it('are ten different ones, read without case, spaces and dashes', () => {
    const codes = newRecoveryCodes(randomBytes);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) {
      expect(code).toMatch(/^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/);
      expect(normaliseRecoveryCode(` ${code.toUpperCase().replaceAll('-', ' ')} `)).toBe(code.replaceAll('-', ''));
    }
  });
  it('are told from codes of an authenticator', () => {
    expect(normaliseRecoveryCode('123456')).toBeUndefined();
  });
});
