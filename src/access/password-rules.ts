import { COMMON_PASSWORDS } from './common-passwords.js';

const MIN_LENGTH = 12;
/** bcrypt reads no further: a longer password is refused instead of silently cut. */
const MAX_BYTES = 72;

/** Why `password` is not acceptable for the account, in one sentence; undefined when it is. */
export function passwordFault(
  password: string,
  account: { readonly email: string; readonly name: string },
): string | undefined {
  const text = password.normalize('NFKC');
  if (text.includes('\0')) return 'A password has no NUL character';
  if (Array.from(text).length < MIN_LENGTH) return `A password has at least ${MIN_LENGTH} characters`;
  if (Buffer.byteLength(text) > MAX_BYTES) return `A password has at most ${MAX_BYTES} bytes: shorten it`;
  const lower = text.toLowerCase();
  if (isCommon(lower)) return 'This password is one of the first that an attacker tries';
  if (new Set(lower).size < 5) return 'This password repeats too few characters';
  const own = [account.email.split('@')[0] ?? '', ...account.name.split(/\s+/), 'silowatch'];
  const rest = own
    .filter((part) => part.length >= 3)
    .reduce((left, part) => left.replaceAll(part.toLowerCase(), ''), lower)
    .replace(/[^\p{L}\p{N}]/gu, '');
  return Array.from(rest).length < 6 ? 'This password is little more than a name' : undefined;
}

/** The list's words also with digits and punctuation around them, written twice, or with the usual replacements. */
function isCommon(lower: string): boolean {
  const plain = Array.from(lower)
    .map((char) => REPLACEMENTS[char] ?? char)
    .join('');
  return [lower, plain].some((text) => {
    const core = text.replace(/^[^a-z]+|[^a-z]+$/g, '');
    const half = text.slice(0, Math.ceil(text.length / 2));
    return (
      [text, core].some((word) => COMMON_PASSWORDS.has(word)) || (half + half === text && COMMON_PASSWORDS.has(half))
    );
  });
}

const REPLACEMENTS: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
