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

/** Runs the tests beside a rule file; undefined when there are none. `rules` may be more than the file's own. */
export async function runTestsBeside(ruleFile: string, rules: Loaded): Promise<TestResult[] | undefined> {
  const file = testFileOf(ruleFile);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
  const read = readTestFile(text);
  const fail = (title: string, reasons: string[]): TestResult => {
    return { file, title, isPassed: false, reasons, about: [], kind: 'finds' };
  };
  if (!read.ok) return [fail('the file can be read', read.faults)];
  const own = [...rules.rules, ...rules.correlations].filter((rule) => rule.file === ruleFile);
  const run = (kind: TestResult['kind'], cases: readonly TestCase[]): TestResult[] =>
    cases.map((test) => {
      const about = targets(own, test);
      if (about.length === 0) return fail(test.title, [`no rule of the file is named ${String(test.rule)}`]);
      return { file, title: test.title, kind, about: about.map(({ id }) => id), ...runCase(rules, test, about, kind) };
    });
  return [...run('finds', read.tests.finds), ...run('ignores', read.tests.ignores)];
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
function firedBy({ matcher, consumers }: Loaded, events: readonly TestEvent[]): Set<string> {
  const fired = new Set<string>();
  const correlator = new EventTimeCorrelator<undefined>(
    consumers,
    ({ correlation }) => fired.add(correlation.id),
    true,
  );
  for (const { event } of events) {
    correlator.advance(event.timeMs, undefined);
    for (const rule of matcher.match(event)) {
      fired.add(rule.id);
      correlator.match(rule, event.timeMs, event.fields, undefined);
    }
  }
  correlator.finish(undefined);
  return fired;
}

const SHOWN = 3;

/** What held of the rules, so that an author sees which selection is missing. */
function whyNot({ matcher, rules }: Loaded, about: readonly Source[], events: readonly TestEvent[]): string[] {
  return about
    .flatMap((source) => feedersOf(source, rules))
    .flatMap((rule) =>
      events.slice(0, SHOWN).map(({ event, raw }) => {
        const held = matcher.explain(rule, event).selections.map(({ name }) => name);
        return `'${rule.title}': ${held.length === 0 ? 'no selection held' : `held: ${held.join(', ')}`} in ${raw.slice(0, 160)}`;
      }),
    );
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
