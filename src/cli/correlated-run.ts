import { MAX_RECORD_BYTES } from '../ingest/formats/parsed-record.js';
import { recordTime } from '../ingest/formats/read-time.js';
import { type Loaded, type Rule } from '../sigma/index.js';
import { EventTimeCorrelator } from './event-time-correlator.js';
import { type LineBlock } from './line-blocks.js';
import { lineEnd } from './log-lines.js';
import { type BlockResult, isUnreadable } from './match-block.js';
import { MatchOutput } from './match-output.js';
import { jsonLine } from './printable.js';

/** Blocks of lines matched and correlated by the times of their events. */
export class CorrelatedRun {
  readonly #output = new MatchOutput();
  readonly #loaded: Loaded;
  readonly #correlator: EventTimeCorrelator<number>;
  #line = 0;
  #matches = 0;

  constructor(loaded: Loaded) {
    this.#loaded = loaded;
    this.#correlator = new EventTimeCorrelator<number>(
      loaded.consumers,
      (consumer, group, firing, line) => {
        if (!consumer.isRelayed || firing.continues) return;
        this.#matches += 1;
        this.#output.push(jsonLine({ line, correlation: consumer.correlation.id, group: consumer.fieldsOf(group) }));
      },
      true,
    );
  }

  block({ bytes, start, end, isAfterOverlong }: LineBlock): BlockResult {
    const before = this.#line;
    if (isAfterOverlong) this.#line += 1;
    const unreadable: number[] = isAfterOverlong ? [this.#line] : [];
    let events = 0;
    let matchMs = 0;
    for (let from = start; from < end;) {
      const to = lineEnd(bytes, from, end);
      this.#line += 1;
      const fields = to - from > MAX_RECORD_BYTES ? undefined : jsonObject(bytes.toString('utf8', from, to));
      if (fields !== undefined) {
        events += 1;
        const startedMs = performance.now();
        this.#correlate(fields, this.#loaded.matcher.matchJson(bytes, from, to) ?? []);
        matchMs += performance.now() - startedMs;
      } else if (isUnreadable(bytes, from, to)) unreadable.push(this.#line);
      from = to + 1;
    }
    return this.#result({ lines: this.#line - before, events, matchMs, unreadable });
  }

  finish(): BlockResult {
    this.#correlator.finish(this.#line);
    return this.#result({ lines: 0, events: 0, matchMs: 0, unreadable: [] });
  }

  #correlate(fields: Readonly<Record<string, unknown>>, rules: readonly Rule[]): void {
    const known = recordTime(fields, undefined);
    const timeMs = Number.isNaN(known) ? Date.now() : known;
    this.#correlator.advance(timeMs, this.#line);
    this.#matches += rules.length;
    for (const rule of rules) this.#output.match(this.#line, rule);
    for (const one of this.#loaded.feeders(rules)) {
      if (one.kind === 'correlation') {
        this.#matches += 1;
        this.#output.push(jsonLine({ line: this.#line, correlation: one.id }));
      }
      this.#correlator.match(one, timeMs, fields, this.#line);
    }
  }

  #result(counts: Omit<BlockResult, 'output' | 'matches'>): BlockResult {
    const matches = this.#matches;
    this.#matches = 0;
    return { ...counts, output: this.#output.take(), matches };
  }
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
