const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const CODES = 10;
const LENGTH = 16;

/** One-time codes for a lost authenticator, of 79 bits each, such as `k7mq-…`. `randomBytes` gives the randomness. */
export function newRecoveryCodes(randomBytes: (size: number) => Uint8Array): string[] {
  return Array.from({ length: CODES }, () => newCode(randomBytes));
}

function newCode(randomBytes: (size: number) => Uint8Array): string {
  // Bytes beyond a multiple of the alphabet's length are passed over: a remainder would prefer its first letters.
  const limit = 256 - (256 % ALPHABET.length);
  let code = '';
  while (code.length < LENGTH) {
    for (const byte of randomBytes(LENGTH)) {
      if (byte < limit && code.length < LENGTH) code += ALPHABET[byte % ALPHABET.length] ?? '';
    }
  }
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

/** How a typed recovery code is compared: without case, spaces and dashes; undefined when it has not the shape of one. */
export function normaliseRecoveryCode(typed: string): string | undefined {
  const code = typed.toLowerCase().replace(/[\s-]/g, '');
  return new RegExp(`^[${ALPHABET}]{${LENGTH}}$`).test(code) ? code : undefined;
}
