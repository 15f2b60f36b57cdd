import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { load, type Correlation, type Rule } from '../sigma/index.js';
import { coverageOf, type Covered } from './rule-coverage.js';
import { readRuleFiles, SHIPPED_RULES } from './rule-files.js';

const noiseSchema = z.object({
  silos: z.number(),
  people: z.number(),
  seed: z.number(),
  events: z.number().positive(),
  alerts: z.number(),
  incidents: z.number(),
  byRule: z.record(z.string(), z.number()),
});

type Measured = z.infer<typeof noiseSchema>;

/** The page about the shipped rules: what each watches, and how often it is wrong, as `rules noise` measured and `rules/noise.json` keeps. */
export async function rulePage(): Promise<string> {
  const { techniques, promises } = await coverageOf([SHIPPED_RULES]);
  const { files } = await readRuleFiles([SHIPPED_RULES]);
  const { rules, correlations } = load(files);
  const alerting = [...rules, ...correlations].filter(({ alertsAlone }) => alertsAlone);
  const noise = noiseSchema.parse(JSON.parse(await readFile(path.join(SHIPPED_RULES, 'noise.json'), 'utf8')));
  return [
    '# The shipped rules',
    'Written by `npm run docs:rules`; a test says when it is out of date.',
    `${alerting.length} rules and correlations that alert, ${rules.length + correlations.length} with those that only feed them; ${techniques.length} techniques of ATT&CK, ${promises.length} promises.`,
    noiseText(noise),
    ...foldersOf(alerting).map(([folder, those]) => section(folder, those, noise)),
    `## ATT&CK\n\n${matrix('technique', techniques)}`,
    `## Promises\n\n${matrix('promise', promises)}`,
  ]
    .join('\n\n')
    .concat('\n');
}

function noiseText({ silos, people, seed, events, alerts, incidents }: Measured): string {
  return `Expected alerts come from one day of harmless, made-up traffic (\`npm run bench:noise\`: ${silos} silos, ${people} people in one of middle size, seed ${seed}, ${events} events of the application and its web server after eight days of learning): ${alerts} alerts, ${incidents} incidents. Where a rule had none, the figure in brackets is what it stays below in 95 of 100 such days (three divided by the events). The traffic holds no syslog and no CloudTrail, so that rules for those say nothing here; and no made-up day is yours: run the rules over your own logs.`;
}

type Source = Rule | Correlation;

function foldersOf(sources: readonly Source[]): [string, Source[]][] {
  const folder = ({ file }: Source): string => path.basename(path.dirname(file));
  return [...Map.groupBy(sources, folder)].sort(([a], [b]) => a.localeCompare(b));
}

function section(folder: string, sources: readonly Source[], noise: Measured): string {
  const isMeasured = !['linux', 'cloud'].includes(folder);
  const rows = sources.map(({ id, title, level, status, silowatch }) => {
    const alerts = isMeasured ? perMillion(noise.byRule[id] ?? 0, noise.events) : 'not measured';
    return `| ${cell(title)} | ${level} | ${status} | ${silowatch.promise.join(', ')} | ${alerts} |`;
  });
  return `## ${folder}\n\n| rule | level | status | promises | alerts per million events |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}`;
}

const perMillion = (alerts: number, events: number): string =>
  alerts === 0 ? `0 (< ${Math.ceil(3e6 / events)})` : ((alerts * 1e6) / events).toFixed(1);

function matrix(name: string, covered: readonly Covered[]): string {
  const rows = covered.map(({ id, rules }) => `| ${id} | ${rules.map(({ title }) => cell(title)).join('; ')} |`);
  return `| ${name} | rules |\n| --- | --- |\n${rows.join('\n')}`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
