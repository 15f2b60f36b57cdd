/**
 * Measures the engine by itself: npm run bench -- RULES_DIR EVENTS.ndjson [TABLE.md] [--pack DIR [--log ACCESS.log]]
 *
 * Writes tables in Markdown, to the file if one is named: events a second at 100, 500, 1,000 and all rules, parsed and
 * as bytes, with and without log sources; load time and memory; what an event without a match costs, and how that grows
 * with its size; correlation over up to a million groups; with --pack, by how much the rules of a further folder slow all
 * of it down, on those events, on generated lines of an access log and on those of a log of yours (.gz or not). Best of some rounds, by processor time, since machines are
 * shared. Needs a build (`npm run build:service`).
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import '../integration/pipeline/swc-hooks.mjs';
import { accessLines } from './access-lines.mjs';

const { load, step } = await import(new URL('../../dist/sigma/index.js', import.meta.url).href);
const { parseRecord } = await import(new URL('../../dist/ingest/formats/parse-record.js', import.meta.url).href);
const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: { pack: { type: 'string' }, log: { type: 'string' } },
});
const [directory, eventFile, tableFile] = positionals;
if (directory === undefined || eventFile === undefined) {
  console.error('usage: npm run bench -- RULES_DIR EVENTS.ndjson [TABLE.md] [--pack DIR [--log ACCESS.log]]');
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
const timed = (run) => {
  const start = seconds();
  run();
  return seconds() - start;
};
const best = (rounds, run) => Math.min(...Array.from({ length: rounds }, () => timed(run)));
const whole = (value) => Math.round(value).toLocaleString('en');

const lines = [];
const tell = (line) => {
  console.log(line);
  lines.push(line);
};
function table(head, rows) {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  tell(line(head));
  tell(line(widths.map((width) => '-'.repeat(width))));
  for (const row of rows) tell(line(row));
  tell('');
}

const filesOf = (folder) =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /\.ya?ml$/.test(name) && !name.endsWith('.tests.yml'))
    .sort()
    .map((name) => ({ path: name, text: readFileSync(path.join(folder, name), 'utf8') }));
const files = filesOf(directory);
const bytes = readFileSync(eventFile);
const spans = [];
for (let start = 0; start < bytes.length;) {
  const newline = bytes.indexOf(10, start);
  const end = newline === -1 ? bytes.length : newline;
  if (end > start) spans.push([start, end]);
  start = end + 1;
}
const parse = ([start, end]) => JSON.parse(bytes.toString('utf8', start, end));
const ROUNDS = 5;
const TURNS = 12;
const LOADS = 3;

/** Every so many files, so that all kinds of log are among them. */
function sample(count) {
  return files.filter(
    (_, index) => Math.floor((index * count) / files.length) !== Math.floor(((index - 1) * count) / files.length),
  );
}

async function forgotten() {
  for (let time = 0; time < 3; time++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Loads rules and builds their indexes by matching every event once; tells what that took. */
function loadedFrom(some, ignoreLogsource) {
  globalThis.gc();
  const before = process.memoryUsage();
  let loaded;
  const loadSeconds = timed(() => (loaded = load(some, { ignoreLogsource })));
  const match = ([from, to]) => loaded.matcher.matchJson(bytes, from, to);
  const quiet = spans.filter((span) => match(span).length === 0);
  globalThis.gc();
  const after = process.memoryUsage();
  // What the scan works on is external to the heap.
  const grown = after.heapUsed + after.external - before.heapUsed - before.external;
  return { ...loaded, match, quiet, loadSeconds, grown };
}

function measure(some, ignoreLogsource) {
  const { matcher, rules, match, quiet, loadSeconds, grown } = loadedFrom(some, ignoreLogsource);
  const parsed = spans.map(parse).map((fields) => ({ fields, logsource: fields.logsource }));
  const rate = (run) => whole(spans.length / best(ROUNDS, run));
  const nanoseconds = quiet.length === 0 ? '–' : whole((best(ROUNDS, () => quiet.forEach(match)) * 1e9) / quiet.length);
  return [
    whole(rules.length),
    ignoreLogsource ? 'every rule' : 'by log source',
    whole(loadSeconds * 1000),
    whole(grown / 1e6),
    rate(() => parsed.forEach((event) => matcher.match(event))),
    rate(() => spans.forEach(match)),
    nanoseconds,
  ];
}

tell(
  `${cpus()[0].model}, Node ${process.versions.node}, load ${loadavg()[0].toFixed(1)}; ${whole(spans.length)} events of ${whole(bytes.length / spans.length)} bytes.`,
);
tell('');
measure(sample(100), true); // So that the first row does not pay for compiling the engine.
const sizes = [100, 500, 1000].filter((size) => size < files.length).concat(files.length);
table(
  [
    'rules',
    'tried',
    'load, ms',
    'memory, MB',
    'parsed events/s',
    'bytes to matches, events/s',
    'ns an event without a match',
  ],
  sizes.flatMap((size) => [true, false].map((ignoreLogsource) => measure(sample(size), ignoreLogsource))),
);

{
  const { matcher } = load(files, { ignoreLogsource: true });
  const few = spans.slice(0, 2_000).map(parse);
  const rows = [1, 4, 16, 64].map((factor) => {
    const copies = few.map((fields) => {
      const more = Array.from({ length: factor - 1 }, (_, index) => [`copy${index}`, fields]);
      return Buffer.from(JSON.stringify({ ...fields, ...Object.fromEntries(more) }));
    });
    const size = copies.reduce((sum, copy) => sum + copy.length, 0);
    const cost = best(ROUNDS, () => copies.forEach((copy) => matcher.matchJson(copy, 0, copy.length)));
    return [whole(size / copies.length), whole((cost * 1e9) / copies.length), ((cost * 1e9) / size).toFixed(1)];
  });
  table(['bytes an event', 'ns an event', 'ns a byte'], rows);
}

if (options.pack !== undefined) {
  const nowMs = Date.now();
  const eventOf = (line) => parseRecord(Buffer.from(line), { arrivalMs: nowMs }).event;
  const eventsOf = (file) => {
    const read = readFileSync(file);
    const text = file.endsWith('.gz') ? gunzipSync(read) : read;
    return text
      .toString('utf8')
      .split('\n')
      .flatMap((line) => eventOf(line) ?? []);
  };
  const generated = accessLines(nowMs);
  const web = Array.from({ length: 10_000 }, () => eventOf(generated.next().value));
  const sites = options.log === undefined ? undefined : eventsOf(options.log);
  const runsOf = ({ matcher, match }) => [
    () => spans.forEach(match),
    () => web.forEach((event) => matcher.match(event)),
    ...(sites === undefined ? [] : [() => sites.forEach((event) => matcher.match(event))]),
  ];
  const counts = [spans.length, web.length, sites?.length];
  const rows = [];
  for (const ignoreLogsource of [true, false]) {
    const sets = [files, [...files, ...filesOf(options.pack)]];
    const loaded = [];
    for (const some of sets) {
      // Tables of what was measured before are given back only then, and would count as memory that this one spared.
      await forgotten();
      loaded.push(loadedFrom(some, ignoreLogsource));
    }
    const loads = sets.map((some) => best(LOADS, () => load(some, { ignoreLogsource })));
    const runs = loaded.map(runsOf);
    const costs = runs.map((those) => those.map(() => Infinity));
    // In turn, and first the one, then the other: between two measurements a shared machine changes by more than a pack adds.
    for (let round = 0; round < TURNS; round++) {
      for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) {
        runs[at].forEach((run, kind) => {
          costs[at][kind] = Math.min(costs[at][kind], (timed(run) * 1e9) / counts[kind]);
        });
      }
    }
    const figures = costs.map((cost, at) => [loads[at] * 1000, loaded[at].grown / 1e6, 1e9 / cost[0], ...cost]);
    const [without, with_] = figures;
    const tried = ignoreLogsource ? 'every rule' : 'by log source';
    rows.push(
      [tried, 'without', ...without.map(whole)],
      [tried, 'with', ...with_.map(whole)],
      [tried, 'more', ...with_.map((value, at) => `${Math.round((value / without[at] - 1) * 100)} %`)],
    );
  }
  const logged = sites === undefined ? [] : ['ns a line of the log'];
  table(['tried', 'the pack', 'load, ms', 'memory, MB', 'events/s', 'ns an event', 'ns a web line', ...logged], rows);
}

const rule = 'title: a\nid: a\nlogsource: { category: t }\ndetection: { s: { f: 1 }, condition: s }\n';
const correlation =
  'title: c\nid: c\ncorrelation: { type: event_count, rules: [a], timespan: 1h, condition: { gte: 10 } }\n';
const { consumers } = load([
  { path: 'a', text: rule },
  { path: 'c', text: correlation },
]);
const [consumer] = consumers.get('a');

function correlate(groups) {
  const states = new Array(groups).fill(undefined);
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const rounds = 12;
  const took = timed(() => {
    for (let round = 0; round < rounds; round++) {
      for (let group = 0; group < groups; group++) {
        const timeMs = 1_700_000_000_000 + round * 1000 + group / 1000;
        states[group] = step(consumer, states[group], { rule: 'a', timeMs, group: [] }, timeMs).state;
      }
    }
  });
  globalThis.gc();
  const grown = process.memoryUsage().heapUsed - before;
  // The states are looked at once more, or they would be garbage by now.
  const kept = states.filter((state) => state !== undefined).length;
  return [whole(groups), whole((groups * rounds) / took), whole(grown / kept)];
}

table(['groups, threshold 10', 'signals/s', 'bytes a group'], [10_000, 100_000, 1_000_000].map(correlate));
if (tableFile !== undefined) writeFileSync(tableFile, `${lines.join('\n')}`);
