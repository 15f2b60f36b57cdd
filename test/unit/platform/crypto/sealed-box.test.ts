import { SealedBox } from '../../../../src/platform/crypto/sealed-box.js';

describe('a sealed value', () => {
  const box = new SealedBox(Buffer.alloc(32, 1));
  const sealed = box.seal('secret ü', 'totp:1');

  it('opens with its key and context', () => {
    expect(box.open(sealed, 'totp:1').toString()).toBe('secret ü');
    expect(new SealedBox(Buffer.alloc(32, 1)).open(sealed, 'totp:1').toString()).toBe('secret ü');
  });
  it('differs each time', () => {
    expect(box.seal('secret ü', 'totp:1')).not.toBe(sealed);
  });
  it('does not open in another row, under another key or changed', () => {
    expect(() => box.open(sealed, 'totp:2')).toThrow(/does not open/);
    expect(() => new SealedBox(Buffer.alloc(32, 2)).open(sealed, 'totp:1')).toThrow(/does not open/);
    for (const at of [4, 20, sealed.length - 2]) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      expect(() => box.open(changed, 'totp:1')).toThrow(/does not open/);
    }
    for (const noise of ['', 'v1.', 'v2.abc', 'v1.AAAA'])
      expect(() => box.open(noise, 'totp:1')).toThrow(/does not open/);
  });
  it('needs a key of 32 bytes', () => {
    expect(() => new SealedBox(Buffer.alloc(16))).toThrow(/16 bytes instead of 32/);
  });
  it('has keyed hashes that depend on the purpose', () => {
    expect(box.mac('csrf', 'x')).not.toBe(box.mac('device', 'x'));
    expect(box.macMatches('csrf', 'x', box.mac('csrf', 'x'))).toBe(true);
    expect(box.macMatches('csrf', 'x', 'short')).toBe(false);
  });
});
