import { readFile } from 'node:fs/promises';
import { type Correlation, type Loaded, type Rule } from '../sigma/index.js';
import { EventTimeCorrelator } from './event-time-correlator.js';
import { readTestFile, type TestCase } from './rule-test-file.js';
import { eventsOf, type TestEvent } from './rule-test-record.js';

export interface TestResult {
  readonly file: string;
  readonly title: string;
  readonly isPassed: boolean;
  /** Why not, in lines. */
  readonly reasons: readonly string[];
  /** The ids of the rules the case is about. */
  readonly about: readonly string[];
  readonly kind: 'finds' | 'ignores';
}

/** Where the tests of a rule file lie. */
export function testFileOf(ruleFile: string): string {
  return ruleFile.replace(/\.ya?ml$/, '.tests.yml');
}

/** A case of a test file, with the rules that it is about. */
export interface PlannedCase {
  readonly kind: TestResult['kind'];
  readonly test: TestCase;
  /** None where the case names a rule that its file does not hold. */
  readonly about: readonly Source[];
}

export interface TestsBeside {
  readonly file: string;
  readonly faults: readonly string[];
  readonly cases: readonly PlannedCase[];
}

/** Reads the tests beside a rule file; undefined when there are none. `rules` may be more than the file's own. */
export async function readTestsBeside(ruleFile: string, rules: Loaded): Promise<TestsBeside | undefined> {
  const file = testFileOf(ruleFile);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
  const read = readTestFile(text);
  if (!read.ok) return { file, faults: read.faults, cases: [] };
  const own = [...rules.rules, ...rules.correlations].filter((rule) => rule.file === ruleFile);
  const planned = (kind: TestResult['kind'], cases: readonly TestCase[]): PlannedCase[] =>
    cases.map((test) => ({ kind, test, about: targets(own, test) }));
  return {
    file,
    faults: [],
    cases: [...planned('finds', read.tests.finds), ...planned('ignores', read.tests.ignores)],
  };
}

/** Runs the tests beside a rule file; undefined when there are none. `rules` may be more than the file's own. */
export async function runTestsBeside(ruleFile: string, rules: Loaded): Promise<TestResult[] | undefined> {
  const tests = await readTestsBeside(ruleFile, rules);
  if (tests === undefined) return undefined;
  const { file, faults, cases } = tests;
  const fail = (title: string, reasons: readonly string[]): TestResult => {
    return { file, title, isPassed: false, reasons, about: [], kind: 'finds' };
  };
  if (faults.length > 0) return [fail('the file can be read', faults)];
  return cases.map(({ kind, test, about }) => {
    if (about.length === 0) return fail(test.title, [`no rule of the file is named ${String(test.rule)}`]);
    return { file, title: test.title, kind, about: about.map(({ id }) => id), ...runCase(rules, test, about, kind) };
  });
}

type Source = Rule | Correlation;

/** What a case is about: the rule it names, else all of the file that alert. */
function targets(own: readonly Source[], { rule }: TestCase): Source[] {
  if (rule === undefined) return own.filter(({ alertsAlone }) => alertsAlone);
  return own.filter(({ id, name }) => id === String(rule) || name === String(rule));
}

function runCase(
  rules: Loaded,
  test: TestCase,
  about: readonly Source[],
  kind: TestResult['kind'],
): { isPassed: boolean; reasons: string[] } {
  let events: TestEvent[];
  try {
    events = eventsOf(test.records);
  } catch (error) {
    return { isPassed: false, reasons: [error instanceof Error ? error.message : String(error)] };
  }
  const fired = firedBy(rules, events);
  const found = about.filter(({ id }) => fired.has(id));
  if (kind === 'finds') {
    if (found.length > 0) return { isPassed: true, reasons: [] };
    return {
      isPassed: false,
      reasons: [`found nothing in ${events.length} record(s)`, ...whyNot(rules, about, events)],
    };
  }
  if (found.length === 0) return { isPassed: true, reasons: [] };
  return {
    isPassed: false,
    reasons: found.flatMap((source) => [`'${source.title}' fired`, ...why(rules, source, events)]),
  };
}

/** Ids of the rules that matched and of the correlations that came to fire. */
function firedBy({ matcher, feeders, consumers }: Loaded, events: readonly TestEvent[]): Set<string> {
  const fired = new Set<string>();
  const correlator = new EventTimeCorrelator<undefined>(
    consumers,
    ({ correlation }) => fired.add(correlation.id),
    true,
  );
  for (const { event } of events) {
    correlator.advance(event.timeMs, undefined);
    for (const feeder of feeders(matcher.match(event))) {
      fired.add(feeder.id);
      correlator.match(feeder, event.timeMs, event.fields, undefined);
    }
  }
  correlator.finish(undefined);
  return fired;
}

const SHOWN = 3;

/** What each selection asked and what it found, for the first records; of a correlation, how often each of its rules matched. */
function whyNot({ matcher, rules }: Loaded, about: readonly Source[], events: readonly TestEvent[]): string[] {
  return about.flatMap((source) => {
    const feeders = feedersOf(source, rules);
    const unmatched = feeders.filter((rule) => !events.some(({ event }) => matcher.match(event).includes(rule)));
    const counts = feeders.map((rule) => {
      const matches = events.filter(({ event }) => matcher.match(event).includes(rule)).length;
      return `'${rule.title}' matched ${matches} of ${events.length} records`;
    });
    const shown = unmatched.flatMap((rule) => events.slice(0, SHOWN).flatMap((each) => refusal(matcher, rule, each)));
    return source.kind === 'correlation' ? [...counts, ...shown] : shown;
  });
}

function refusal(matcher: Loaded['matcher'], rule: Rule, { event, raw }: TestEvent): string[] {
  const selections = matcher.diagnose(rule, event);
  const lines = selections.map(({ name, isHeld, items }) => {
    const detail = items.slice(0, SHOWN).map(({ field, asked, found }) => `${field} ${asked}: ${found}`);
    const more = items.length > SHOWN ? `; and ${items.length - SHOWN} more` : '';
    return `  ${name} ${isHeld ? 'holds' : 'does not hold'}${detail.length === 0 ? '' : ` (${detail.join('; ')}${more})`}`;
  });
  const source = matcher.admits(rule, event) ? [] : ['  the log source of the record is not the one of the rule'];
  return [`'${rule.title}' on ${raw.slice(0, 160)}`, ...source, ...lines];
}

function why({ matcher, rules }: Loaded, source: Source, events: readonly TestEvent[]): string[] {
  const lines: string[] = [];
  for (const rule of feedersOf(source, rules)) {
    for (const { event } of events) {
      if (lines.length >= SHOWN || !matcher.match(event).includes(rule)) continue;
      const fields = matcher.explain(rule, event).selections.flatMap((selection) => selection.fields);
      lines.push(fields.map(({ field, value }) => `${field}=${value.slice(0, 120)}`).join(', '));
    }
  }
  return lines;
}

function feedersOf(source: Source, rules: readonly Rule[]): Rule[] {
  return source.kind === 'rule' ? [source] : rules.filter(({ id }) => source.rules.includes(id));
}
