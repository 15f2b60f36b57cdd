/** Rounds of decoding after which a request is taken as it then is. */
const MAX_ROUNDS = 3;
/** Characters beyond this are left as they are. */
const MAX_DECODED_CHARS = 64 * 1024;

const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    amp: '&',
    lpar: '(',
    rpar: ')',
    colon: ':',
    semi: ';',
    sol: '/',
    bsol: '\\',
    equals: '=',
    excl: '!',
    num: '#',
    dollar: '$',
    lbrace: '{',
    rbrace: '}',
    lcub: '{',
    rcub: '}',
    lsqb: '[',
    rsqb: ']',
    grave: '`',
    period: '.',
    comma: ',',
    Tab: '\t',
    NewLine: '\n',
    nbsp: ' ',
  }),
);

const ENTITY = /&(?:#x0*([0-9a-f]{1,6});?|#0*(\d{1,7});?|([a-zA-Z]{2,7});)/gi;
const ESCAPED = /\\(?:u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|x([0-9a-f]{2}))/gi;
const FULLWIDTH = /[\uFF01-\uFF5E\u3000]/g;
const WIDE = /[\uFF01-\uFF5E\u3000]/;

/**
 * What a request target, a parameter or a header means to whoever decodes it carelessly: percent and `%u` encoding,
 * `+` in the query, overlong UTF-8, HTML entities, `\u` and `\x` escapes and full-width letters are undone until nothing
 * changes any more, three rounds at most. Text without any of them is returned as it is.
 */
export function decodeRequest(text: string): string {
  if (!mayBeEncoded(text)) return text;
  const isLonger = text.length > MAX_DECODED_CHARS;
  let current = isLonger ? text.slice(0, MAX_DECODED_CHARS) : text;
  const queryAt = current.indexOf('?');
  if (queryAt >= 0 && current.includes('+', queryAt)) {
    current = current.slice(0, queryAt) + current.slice(queryAt).replaceAll('+', ' ');
  }
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = decodeOnce(current);
    if (next === current) break;
    current = next;
  }
  return isLonger ? current + text.slice(MAX_DECODED_CHARS) : current;
}

/** Several quick looks: one expression for all of them takes five times as long. */
function mayBeEncoded(text: string): boolean {
  if (/[%+\\]/.test(text) || WIDE.test(text)) return true;
  return (
    text.includes('&') &&
    ((text.includes('#') && text.includes('&#')) || (text.includes(';') && /&[a-zA-Z]{2,7};/.test(text)))
  );
}

function decodeOnce(text: string): string {
  let out = text.includes('%') ? percentDecode(text) : text;
  if (out.includes('&')) out = out.replace(ENTITY, entity);
  if (out.includes('\\'))
    out = out.replace(ESCAPED, (all, a?: string, b?: string, c?: string) => codePoint(a ?? b ?? c, all));
  return out.replace(FULLWIDTH, (wide) => (wide === '\u3000' ? ' ' : String.fromCharCode(wide.charCodeAt(0) - 0xfee0)));
}

function entity(all: string, hex?: string, decimal?: string, name?: string): string {
  if (hex !== undefined) return codePoint(hex, all);
  if (decimal !== undefined) return codePoint(Number(decimal).toString(16), all);
  return name === undefined ? all : (NAMED.get(name) ?? NAMED.get(name.toLowerCase()) ?? all);
}

function codePoint(hex: string | undefined, otherwise: string): string {
  const value = parseInt(hex ?? '', 16);
  return value >= 0 && value <= 0x10ffff ? String.fromCodePoint(value) : otherwise;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** The byte that `%HH` at `at` stands for, or -1. */
function byteAt(text: string, at: number): number {
  if (text.charCodeAt(at) !== 37) return -1;
  const high = hexDigit(text.charCodeAt(at + 1));
  const low = hexDigit(text.charCodeAt(at + 2));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function percentDecode(text: string): string {
  let out = '';
  let from = 0;
  let at = text.indexOf('%');
  while (at >= 0) {
    const first = byteAt(text, at);
    if (first >= 0) {
      const [value, length] = first < 0x80 ? [String.fromCharCode(first), 3] : multiByte(text, at, first);
      out += text.slice(from, at) + value;
      from = at + length;
    } else if ((text.charCodeAt(at + 1) | 32) === 117 && /^[0-9a-f]{4}$/i.test(text.slice(at + 2, at + 6))) {
      out += text.slice(from, at) + String.fromCharCode(parseInt(text.slice(at + 2, at + 6), 16));
      from = at + 6;
    }
    at = text.indexOf('%', Math.max(from, at + 1));
  }
  return out + text.slice(from);
}

/** A UTF-8 sequence in percent form, overlong ones included, since some servers accept them; else the byte as Latin-1. */
function multiByte(text: string, at: number, first: number): [string, number] {
  const more =
    first >= 0xf0 && first < 0xf8 ? 3 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xc0 && first < 0xe0 ? 1 : 0;
  let value = first & (more === 3 ? 0x07 : more === 2 ? 0x0f : 0x1f);
  for (let i = 1; i <= more; i += 1) {
    const next = byteAt(text, at + 3 * i);
    if (next < 0x80 || next >= 0xc0) return [String.fromCharCode(first), 3];
    value = value * 64 + (next & 0x3f);
  }
  if (more === 0 || value > 0x10ffff) return [String.fromCharCode(first), 3];
  return [String.fromCodePoint(value), 3 * (more + 1)];
}

/**
 * Text in which spacing and comments mean nothing any more, as in SQL: comments and runs of blanks become one blank, what
 * MySQL runs inside `/*!…*\/` stays.
 */
export function withoutComments(text: string): string {
  if (!isOddlySpaced(text)) return text;
  return (text.includes('/*') ? commentsCut(text) : text).replace(SPACING, ' ');
}

/** In parts for the same reason as `mayBeEncoded`. */
function isOddlySpaced(text: string): boolean {
  return /[+`\x7f\xa0]/.test(text) || text.includes('  ') || text.includes('/*') || CONTROL.test(text);
}

// eslint-disable-next-line no-control-regex -- control characters are blanks to a database
const CONTROL = /[\0-\x1f]/;
// eslint-disable-next-line no-control-regex -- as above
const SPACING = /[+`\s\0-\x1f\x7f\xa0]+/g;

function commentsCut(text: string): string {
  let out = '';
  let from = 0;
  for (let open = text.indexOf('/*'); open >= 0; open = text.indexOf('/*', from)) {
    out += `${text.slice(from, open)} `;
    const isRun = text.charCodeAt(open + 2) === 33;
    const close = isRun ? -1 : text.indexOf('*/', open + 2);
    if (!isRun && close < 0) return `${out}/*${text.slice(open + 2)}`;
    from = isRun ? open + 3 + digitsAt(text, open + 3) : close + 2;
  }
  return (out + text.slice(from)).replaceAll('*/', ' ');
}

function digitsAt(text: string, at: number): number {
  return /^\d{0,6}/.exec(text.slice(at, at + 6))?.[0].length ?? 0;
}
