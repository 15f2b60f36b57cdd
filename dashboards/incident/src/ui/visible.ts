/**
 * What must not act on the reader unseen: control characters, bidirectional overrides and isolates, zero-width and invisible ones,
 * tag characters and lone surrogates. Newline and tab stay as they are.
 */
const UNSEEN =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class -- these are exactly the ones to show
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E0FFF}\uD800-\uDFFF]/gu;

const nameOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
};

/** Splits `text` into plain runs (even places) and the visible names of unseen characters (odd places). */
export function visible(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(UNSEEN)) {
    parts.push(text.slice(from, match.index), nameOf(match[0]));
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}
