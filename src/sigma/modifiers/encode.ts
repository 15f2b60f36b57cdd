/** Text in UTF-16, low byte first; with a byte-order mark before it when asked. */
export function utf16le(text: string, mark = false): Buffer {
  const body = Buffer.from(text, 'utf16le');
  return mark ? Buffer.concat([Buffer.from([0xff, 0xfe]), body]) : body;
}

/** Text in UTF-16, high byte first. */
export function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/**
 * The three texts one of which base64 shows wherever the bytes stand inside something longer: encoded at each offset,
 * less the characters that the neighbours share (Sigma spec 2.1, base64offset).
 */
export function base64Offsets(bytes: Buffer): readonly string[] {
  const start = [0, 2, 3];
  return start.map((skip, offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const end = [0, -3, -2][(bytes.length + offset) % 3] ?? 0;
    return text.slice(skip, end === 0 ? text.length : end);
  });
}
