/* eslint-disable no-control-regex -- control characters are what this file is about */
/** Control characters, and the invisible ones that turn text around or hide it. */
const UNPRINTABLE =
  /[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text from a log as it may be shown on a terminal: nothing in it moves the cursor, sets a colour or hides. */
export function printable(text: string, maxChars = Infinity): string {
  const cut = text.length > maxChars ? `${text.slice(0, Math.max(0, maxChars - 1))}…` : text;
  return cut.replace(UNPRINTABLE, (char) => {
    const hex = char.charCodeAt(0).toString(16);
    return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
  });
}

/** One line of JSON that is safe to show on a terminal as well. */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value).replace(/[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `${json}\n`;
}
