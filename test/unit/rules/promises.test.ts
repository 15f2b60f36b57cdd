import { PLATFORM_RULES } from '../../../src/detect/platform-rules.js';
import { readRuleFiles, SHIPPED_RULES } from '../../../src/cli/rule-files.js';
import { load } from '../../../src/sigma/index.js';

const { files } = await readRuleFiles([SHIPPED_RULES]);
const { rules, correlations } = load([PLATFORM_RULES, ...files]);
const alerting = [...rules, ...correlations].filter(({ alertsAlone }) => alertsAlone);
const titlesFor = (promise: string, those = alerting): string[] =>
  those.filter(({ silowatch }) => silowatch.promise.includes(promise)).map(({ title }) => title);

/** Promises that an event can show to be broken. */
const BY_EVENT = [
  ...['ISO-1', 'ISO-2', 'ENC-2', 'ENC-3', 'ENC-4', 'ENC-5', 'AUTH-1', 'AUTH-2', 'AUTH-3', 'AUTH-4', 'AUTH-5', 'INF-1'],
  ...['INF-2', 'INF-3', 'INF-4', 'INF-5', 'APP-1', 'APP-2', 'APP-3', 'APP-4', 'APP-5', 'APP-6'],
  ...['DATA-1', 'DATA-2', 'DATA-4'],
];
/** Promises of which something has to come that may fail to. */
const BY_ABSENCE = ['AUTH-5', 'INF-1', 'INF-4', 'APP-5', 'MON-1', 'DATA-3', 'RD-1'];

describe('the promises to customers', () => {
  it.each(BY_EVENT)('%s has a rule that sees it broken', (promise) => {
    expect(titlesFor(promise)).not.toEqual([]);
  });

  it.each(BY_ABSENCE)('%s has a rule that misses what is due', (promise) => {
    const absences = correlations.filter(({ file }) => file.endsWith('due-events.yml'));
    expect(titlesFor(promise, absences)).not.toEqual([]);
  });
});

describe('the pack', () => {
  it('has sixty rules or more that alert', () => {
    expect(alerting.length).toBeGreaterThanOrEqual(60);
  });
});
