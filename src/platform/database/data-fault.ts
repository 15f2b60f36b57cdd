import { QueryFailedError } from 'typeorm';

/** SQLSTATE classes: data exception, integrity constraint violation, program limit exceeded. */
const OF_DATA = /^(?:22|23|54)/;

/** Whether Postgres refused what was to be stored, and would again. Any other failure may be over with the next try. */
export function isDataFault(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const { code } = error.driverError as { readonly code?: unknown };
  return typeof code === 'string' && OF_DATA.test(code);
}
