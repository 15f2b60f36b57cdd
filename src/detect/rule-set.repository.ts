import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { RuleFile } from '../sigma/index.js';
import type { Rules } from './rules.js';

/** Rule texts by their content, so that a signal made under rules that have changed since is still understood. */
@Injectable()
export class RuleSetRepository {
  async store(tx: Tx, rules: Rules, now: Date): Promise<void> {
    await tx.query(
      `insert into rule_sets (sha256, files, loaded_at) values ($1, $2, $3)
       on conflict (sha256) do update set loaded_at = excluded.loaded_at`,
      [rules.sha256, JSON.stringify(rules.files), now],
    );
    // Sorted, so that instances that start together lock the rows in one order.
    await tx.query(
      `insert into rule_set_consumers (hash, rule_set) select h, $2 from unnest($1::text[]) as h on conflict (hash) do nothing`,
      [[...rules.byHash.keys()].sort(), rules.sha256],
    );
  }

  /** The files among which the rule or correlation with this hash was loaded. */
  async filesOf(tx: Tx, hash: string): Promise<readonly RuleFile[] | undefined> {
    const [row] = await tx.query<{ files: RuleFile[] }[]>(
      `select s.files from rule_set_consumers c join rule_sets s on s.sha256 = c.rule_set where c.hash = $1`,
      [hash],
    );
    return row?.files;
  }
}
