/** Ends a command with one line on stderr, which says what to do, and exit status 2. */
export class CliError extends Error {
  override readonly name = 'CliError';
}

/** The words of a failed system call without its stack: `no such file`. */
export function systemReason(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or folder',
    EACCES: 'no permission to read it',
    EISDIR: 'it is a folder; name the files in it',
    ENOTDIR: 'it is not a folder',
    Z_BUF_ERROR: 'the compressed file ends early',
    Z_DATA_ERROR: 'the compressed data is damaged',
  };
  return known[code] ?? (error instanceof Error ? error.message : String(error));
}
