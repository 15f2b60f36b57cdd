const POLYNOMIAL = 0x82f63b78;
/** So many bytes are taken in one step, and so many tables are one after the other. */
const STRIDE = 8;

/** In the table `n`, at `n * 256`, what a byte does to the checksum once `n` more bytes have followed. */
const TABLE = new Int32Array(STRIDE * 256);

for (let byte = 0; byte < 256; byte += 1) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
  TABLE[byte] = crc;
}
for (let place = 256; place < TABLE.length; place += 1) {
  const before = TABLE[place - 256] ?? 0;
  TABLE[place] = (before >>> 8) ^ (TABLE[before & 0xff] ?? 0);
}

const look = (table: number, byte: number): number => TABLE[table * 256 + (byte & 0xff)] ?? 0;

/** CRC-32C (RFC 3720, appendix B.4) of the bytes from `start` up to `end`, as an unsigned number of 32 bits. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const byte = (at: number): number => bytes[at] ?? 0;
  let crc = -1;
  let at = start;
  for (; at + STRIDE <= end; at += STRIDE) {
    crc =
      look(7, crc ^ byte(at)) ^
      look(6, (crc >>> 8) ^ byte(at + 1)) ^
      look(5, (crc >>> 16) ^ byte(at + 2)) ^
      look(4, (crc >>> 24) ^ byte(at + 3)) ^
      look(3, byte(at + 4)) ^
      look(2, byte(at + 5)) ^
      look(1, byte(at + 6)) ^
      look(0, byte(at + 7));
  }
  for (; at < end; at += 1) crc = (crc >>> 8) ^ look(0, crc ^ byte(at));
  return (crc ^ -1) >>> 0;
}
