import fc from 'fast-check';
import { decodeRequest, withoutComments } from '../../../../src/ingest/formats/decode-request.js';

describe('decodeRequest', () => {
  it.each([
    ['/plain?a=1&b=2', '/plain?a=1&b=2'],
    ['/?q=%27%20or%201=1', "/?q=' or 1=1"],
    ['/?q=a+b', '/?q=a b'],
    ['/a+b', '/a+b'],
    ['/?q=1%2B1', '/?q=1+1'],
    ['/%252e%252e%252fetc', '/../etc'],
    ['/%25252e%25252e', '/..'],
    ['/%2525252525252e', '/%2525252e'],
    ['/..%c0%af..%c1%9c', '/../..\\'],
    ['/%e0%80%af', '/\x2f'],
    ['/%u003cscript%u003E', '/<script>'],
    ['/?q=&lt;script&#62;&#x3c;/script&GT;', '/?q=<script></script>'],
    ['/?a=1&lt=5&copy=2', '/?a=1&lt=5&copy=2'],
    ['/?q=\\u003cimg\\x20src\\u{3d}x', '/?q=<img src=x'],
    ['/?q=＜script＞', '/?q=<script>'],
    ['/?q=%EF%BC%9Cb%EF%BC%9E', '/?q=<b>'],
    ['/caf%C3%A9?n=%F0%9F%8D%8E', '/café?n=🍎'],
    ['/%E9', '/é'],
    ['/100%', '/100%'],
    ['/%zz%4', '/%zz%4'],
    ['/?q=&#99999999999;', '/?q=&#99999999999;'],
    ['/?q=&valueOf;&toString;&TOSTRING;', '/?q=&valueOf;&toString;&TOSTRING;'],
  ])('reads %s as %s', (sent, meant) => {
    expect(decodeRequest(sent)).toBe(meant);
  });

  it('decodes the first 64 Ki characters and leaves those beyond as they are', () => {
    const first = '%41'.repeat(21_845);
    expect(decodeRequest(`${first}a%42`)).toBe(`${'A'.repeat(21_845)}a%42`);
  });

  it('never throws and stays within a small multiple of the time it takes to read the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('%', '25', '2e', '&#x', ';', '\\u', '{', '}', '%u', '+', 'é', '0', 'f'), {
          maxLength: 300,
        }),
        (parts) => {
          expect(typeof decodeRequest(parts.join(''))).toBe('string');
        },
      ),
    );
    const started = performance.now();
    for (const unit of ['%25', '&#', '\\u{', '%c0', '&lt', '%%']) decodeRequest(`/?${unit.repeat(60_000)}`);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('withoutComments', () => {
  it.each([
    ['/?id=1', '/?id=1'],
    ['1/**/union/* x */select', '1 union select'],
    ['1 /*!50000union*/ /*!select*/ 2', '1 union select 2'],
    ["1' or 1=1 /*", "1' or 1=1 /*"],
    ['a\t\n\u00a0b++c``d', 'a b c d'],
    ['/*/*/*', ' *'],
  ])('reads %j as %j', (sent, meant) => {
    expect(withoutComments(sent)).toBe(meant);
  });
  it('takes time in proportion to the text', () => {
    const started = performance.now();
    for (const unit of ['/*', '*/', '/*!', '/**/', '/*!5']) withoutComments(unit.repeat(60_000));
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
