import type { Tx } from '../platform/database/database.js';
import { settings, system, type SystemJob } from '../platform/database/scope.js';

/**
 * Runs `work` inside the caller's transaction with the eyes of a named job, then gives the caller's own back. Gates must see every silo of an
 * incident also when the person at the keyboard sees only some; nothing that is read here may be returned to them.
 */
export async function withinSystemScope<T>(tx: Tx, job: SystemJob, work: () => Promise<T>): Promise<T> {
  const before = await tx.query<{ scope: string; tenants: string }[]>(
    `select current_setting('silowatch.scope', true) as scope, current_setting('silowatch.tenants', true) as tenants`,
  );
  await setScope(tx, settings(system(job)));
  const result = await work();
  // After a throw the transaction is rolled back as a whole, and its scope with it.
  await setScope(tx, { scope: before[0]?.scope ?? '', tenants: before[0]?.tenants ?? '' });
  return result;
}

async function setScope(tx: Tx, to: { readonly scope: string; readonly tenants: string }): Promise<void> {
  await tx.query(`select set_config('silowatch.scope', $1, true), set_config('silowatch.tenants', $2, true)`, [
    to.scope,
    to.tenants,
  ]);
}
