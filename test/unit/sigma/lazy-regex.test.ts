import fc from 'fast-check';
import { RE2JS } from 're2js';
import { parseRegex } from '../../../src/sigma/regex/parse.js';
import { isCertainlySound } from '../../../src/sigma/regex/sound.js';

const isSound = (source: string): boolean => {
  const node = parseRegex(source);
  return node !== undefined && isCertainlySound(source, node);
};

/** Parts of expressions, sound and not, that together make corners. */
const pieces = fc.constantFrom(
  ...['a', 'Z', '9', '_', ' ', '.', '/', '-', '"', ',', ':', '!', '<', '=', '{', '}', ']', 'é', '\u{1f600}', '\ud800'],
  ...['(', ')', '(?:', '(?i)', '(?=', '(?!', '(?<x>', '(?P<x>', '(?', '|', '^', '$', '\n', '\0'],
  ...['*', '+', '?', '*?', '{2}', '{2,}', '{2,5}', '{5,2}', '{,3}', '{999}', '{1000}', '{1001}', '{2', '2}'],
  ...['\\d', '\\W', '\\b', '\\B', '\\A', '\\z', '\\Z', '\\.', '\\\\', '\\', '\\-', '\\_', '\\é', '\\x41', '\\u0041'],
  ...['\\e', '\\h', '\\1', '\\Q', '\\p{L}', '\\pN', '\\n', '\\`', '\\]'],
  ...['[a-z]', '[^a-z0-9]', '[z-a]', '[9-0]', '[]', '[^]', '[]a]', '[a-]', '[-a]', '[a-z-9]', '[\\d-x]', '[+--]'],
  ...['[[:alpha:]]', '[[]', '[\\b]', '[\\]]', '[a', '[^^]', '[a&&b]', '[', '[^', '0-9', '2-1', 'a-z', '--'],
);

describe('regular expressions that are compiled when they are first needed', () => {
  it('are all taken by the engine', () => {
    let sound = 0;
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const source = parts.join('');
        if (!isSound(source)) return;
        sound += 1;
        expect(() => RE2JS.compile(source)).not.toThrow();
      }),
      { numRuns: 20_000 },
    );
    expect(sound).toBeGreaterThan(500);
  });

  it.each([
    '(?i)cmd\\.exe\\s+/c\\s',
    '^[A-Za-z0-9+/=]{15,}$',
    'HostId=[a-f0-9-]{36}\\s+EngineVersion=',
    '(\\.\\./){3,}(etc|proc)\\b',
  ])('are those of the common kind, as %s', (source) => {
    expect(isSound(source)).toBe(true);
  });

  it.each(['(', 'a{2,1}', '(a{100}){100}', 'a++', '[z-a]', '(?=a)', '\\1', 'x{1001}'])(
    'are not those that it may refuse, as %s',
    (source) => {
      expect(isSound(source)).toBe(false);
    },
  );

  it('are not those that become large', () => {
    expect(isSound(`(${'a'.repeat(2_000)}){100}`)).toBe(false);
  });
});
