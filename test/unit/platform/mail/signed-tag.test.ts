import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { SealedBox } from '../../../../src/platform/crypto/sealed-box.js';
import { readSignedTag, signedTag } from '../../../../src/platform/mail/signed-tag.js';

const box = new SealedBox(Buffer.alloc(32, 7));

describe('a signed tag', () => {
  it('names its row, in letters of either case, and fits into a local part', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        const tag = signedTag(box, 'bounce', id);
        expect(tag).toMatch(/^[0-9a-z]{41}$/);
        expect(readSignedTag(box, 'bounce', tag.toUpperCase())).toBe(id);
      }),
    );
  });

  it('is not accepted for another purpose, under another key, or changed in any letter', () => {
    const tag = signedTag(box, 'bounce', randomUUID());
    expect(readSignedTag(box, 'thread', tag)).toBeUndefined();
    expect(readSignedTag(new SealedBox(Buffer.alloc(32, 8)), 'bounce', tag)).toBeUndefined();
    for (let i = 0; i < tag.length; i += 1) {
      const changed = tag.slice(0, i) + (tag[i] === '0' ? '1' : '0') + tag.slice(i + 1);
      expect(readSignedTag(box, 'bounce', changed)).toBeUndefined();
    }
    for (const text of ['', 'x', `${tag}0`, tag.slice(1), 'é'.repeat(41)]) {
      expect(readSignedTag(box, 'bounce', text)).toBeUndefined();
    }
  });
});
