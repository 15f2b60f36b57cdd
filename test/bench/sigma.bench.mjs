/**
 * Measures the engine by itself: npm run bench -- RULES_DIR EVENTS.ndjson
 *
 * Prints load time, memory, and events a second for parsed events, for parsing and matching, and for matching bytes,
 * with and without log sources; then correlation: signals a second and bytes a group over a million groups. Best of some
 * rounds, by processor time, since machines are shared. Needs a build (`npm run build:service`).
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const { load, step } = await import(new URL('../../dist/sigma/index.js', import.meta.url).href);
const [directory, eventFile] = process.argv.slice(2);
if (directory === undefined || eventFile === undefined) {
  console.error('usage: npm run bench -- RULES_DIR EVENTS.ndjson');
  process.exit(2);
}
if (globalThis.gc === undefined) {
  console.error('run it with --expose-gc, as npm run bench does: what a group takes would be counted with garbage');
  process.exit(2);
}

const seconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const best = (rounds, run) => {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = seconds();
    run();
    least = Math.min(least, seconds() - start);
  }
  return least;
};
const row = (name, value) => console.log(`${name.padEnd(44)} ${value}`);

const files = readdirSync(directory, { recursive: true })
  .map(String)
  .filter((name) => /\.ya?ml$/.test(name))
  .map((name) => ({ path: name, text: readFileSync(path.join(directory, name), 'utf8') }));
const bytes = readFileSync(eventFile);
const spans = [];
for (let start = 0; start < bytes.length;) {
  const newline = bytes.indexOf(10, start);
  const end = newline === -1 ? bytes.length : newline;
  if (end > start) spans.push([start, end]);
  start = end + 1;
}
const parse = ([start, end]) => JSON.parse(bytes.toString('utf8', start, end));
row('events', spans.length);

for (const ignoreLogsource of [true, false]) {
  const start = seconds();
  const loaded = load(files, { ignoreLogsource });
  const loadSeconds = seconds() - start;
  const { matcher, rules, faults } = loaded;
  const parsed = spans.map(parse).map((fields) => ({ fields, logsource: fields.logsource }));
  const rate = (run) => Math.round(spans.length / best(7, run)).toLocaleString('en');
  row('', '');
  row('log sources', ignoreLogsource ? 'ignored' : 'used');
  row('rules, faults', `${rules.length}, ${faults.length}`);
  row('load, ms', Math.round(loadSeconds * 1000));
  row(
    'match, events/s',
    rate(() => parsed.forEach((event) => matcher.match(event))),
  );
  const both = (span) => {
    const fields = parse(span);
    matcher.match({ fields, logsource: fields.logsource });
  };
  row(
    'parse and match, events/s',
    rate(() => spans.forEach(both)),
  );
  row(
    'match bytes, events/s',
    rate(() => spans.forEach(([from, to]) => matcher.matchJson(bytes, from, to))),
  );
  globalThis.gc();
  row('heap, MB', Math.round(process.memoryUsage().heapUsed / 1e6));
}

const rule = 'title: a\nid: a\nlogsource: { category: t }\ndetection: { s: { f: 1 }, condition: s }\n';
const correlation =
  'title: c\nid: c\ncorrelation: { type: event_count, rules: [a], timespan: 1h, condition: { gte: 10 } }\n';
const { consumers } = load([
  { path: 'a', text: rule },
  { path: 'c', text: correlation },
]);
const [consumer] = consumers.get('a');
const groups = 1_000_000;
const states = new Array(groups).fill(undefined);
globalThis.gc();
const before = process.memoryUsage().heapUsed;
const rounds = 12;
const start = seconds();
for (let round = 0; round < rounds; round++) {
  for (let group = 0; group < groups; group++) {
    const timeMs = 1_700_000_000_000 + round * 1000 + group / 1000;
    states[group] = step(consumer, states[group], { rule: 'a', timeMs, group: [] }, timeMs).state;
  }
}
row('', '');
row(
  'signals/s, a million groups, threshold 10',
  Math.round((groups * rounds) / (seconds() - start)).toLocaleString('en'),
);
globalThis.gc();
const grown = process.memoryUsage().heapUsed - before;
// The states are looked at once more, or they would be garbage by now.
const kept = states.filter((state) => state !== undefined).length;
row('bytes a group', Math.round(grown / kept));
