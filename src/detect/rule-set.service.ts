import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { Log } from '../platform/logging/logging.js';
import type { Consumer, RuleFault, RuleFile } from '../sigma/index.js';
import { detectConfig } from './detect.config.js';
import { PLATFORM_RULES } from './platform-rules.js';
import { readRuleFiles, SHIPPED_RULES } from './rule-files.js';
import { RuleSetRepository } from './rule-set.repository.js';
import { compileRules, nextRules, type Rules } from './rules.js';

const LOOK_EVERY_MS = 15_000;

/** A consumer with the rules it belongs to, which may have been replaced since. */
export interface KnownConsumer {
  readonly consumer: Consumer;
  readonly rules: Rules;
}

/** The rules in force. Each set is stored before the first signal is made under it. */
@Injectable()
export class RuleSet {
  private rules: Rules | undefined;
  private starting: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private fingerprint: string | undefined;
  private readonly good = new Map<string, RuleFile>();
  private readonly known = new Map<string, KnownConsumer>();
  private lastFaults: readonly RuleFault[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly database: Database,
    private readonly log: Log,
    private readonly repository: RuleSetRepository,
  ) {}

  /** Loads the rules and keeps looking for changes until `stop`. Calls after the first wait for the same load. */
  start(): Promise<void> {
    this.starting ??= this.reload().then(() => {
      this.timer = setInterval(() => {
        this.reload().catch((error: unknown) =>
          this.log.warn({ event: 'rules.reload_failed', error }, 'rules could not be read again'),
        );
      }, LOOK_EVERY_MS);
    });
    return this.starting;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  current(): Rules {
    if (this.rules === undefined) throw new Error('The rules are not loaded yet');
    return this.rules;
  }

  /** What is wrong with the rule files as they lie there now. */
  faults(): readonly RuleFault[] {
    return this.lastFaults;
  }

  /** What `find` gives without asking the database. */
  recall(hash: string): KnownConsumer | undefined {
    return this.known.get(hash);
  }

  /** The rule or correlation with this hash, also one that was replaced; undefined when no process of this installation ever loaded it. */
  async find(hash: string): Promise<KnownConsumer | undefined> {
    const known = this.recall(hash);
    if (known !== undefined) return known;
    const files = await this.database.transaction(system('correlate'), (tx) => this.repository.filesOf(tx, hash));
    if (files === undefined) return undefined;
    const former = compileRules(files);
    // What is still in force belongs to the rules of now: those of then would have it feed what was replaced.
    for (const [one, consumer] of former.byHash) {
      if (!this.known.has(one)) this.known.set(one, { consumer, rules: former });
    }
    return this.known.get(hash);
  }

  /** Reads the folders and, when something changed, puts the new rules in force. */
  async reload(): Promise<void> {
    const extra =
      this.config
        .get(detectConfig)
        .RULES_DIRS?.split(',')
        .map((folder) => folder.trim()) ?? [];
    const { files, problems, fingerprint } = await readRuleFiles([SHIPPED_RULES, ...extra]);
    if (fingerprint === this.fingerprint) return;
    for (const problem of problems) this.log.warn({ event: 'rules.unreadable', problem }, 'a rule file cannot be read');
    const { rules, faults, kept } = nextRules([PLATFORM_RULES, ...files], this.good);
    for (const { code, message, at } of faults) {
      this.log.warn({ event: 'rules.fault', code, at, kept: kept.includes(at.file) }, message);
    }
    const now = this.clock.now();
    await this.database.transaction(system('correlate'), (tx) => this.repository.store(tx, rules, now));
    this.fingerprint = fingerprint;
    this.lastFaults = faults;
    for (const [hash, consumer] of rules.byHash) this.known.set(hash, { consumer, rules });
    this.rules = rules;
    const { rules: single, correlations } = rules.loaded;
    const counts = { rules: single.length, correlations: correlations.length, faults: faults.length };
    this.log.info({ event: 'rules.loaded', ...counts }, 'rules loaded');
  }
}
