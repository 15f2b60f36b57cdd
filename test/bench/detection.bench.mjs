// How much of labelled attacks the shipped rules find, and how many benign requests they flag; writes docs/detection-quality.md.
//   npm run bench:detection -- [--payloads FILE.ndjson[.gz]…] [--benign-log ACCESS.log[.gz]…] [--attacks DIR…] [--benign DIR…] [--print]
// The folders hold files, .gz or not, whose name up to the first dot is the set:
//   .txt     one payload a line, or a request `GET /path?query`, after which a tab and a referer, a tab and a user agent may stand;
//            under --benign a line is a request, an address or a path
//   .ndjson  {"payload": text} or {"target", "method"?, "referer"?, "ua"?}, with "class" or "attack_type"; `norm` and `benign` are benign
//   .log     an access log as it stands
// A payload is sent in four places: a parameter, the path, a parameter of the referer, and the user agent, percent-encoded as a
// browser does. Half of each set (by a hash of its text) is "tuned on", whose misses and false alarms were looked at; the other
// half is "held back". A set whose name begins with `unseen-` is held back as a whole; a class that begins with `tuned-` or
// `held-` says its half itself. `--print` leaves docs/detection-quality.md alone. Needs a build.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { parseRecord } from '../../dist/ingest/formats/parse-record.js';
import { load } from '../../dist/sigma/index.js';

const root = path.resolve(import.meta.dirname, '../..');
const many = { type: 'string', multiple: true, default: [] };
const { values } = parseArgs({
  options: {
    payloads: many,
    'benign-log': many,
    attacks: many,
    benign: many,
    print: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

function linesOf(file) {
  const bytes = readFileSync(file);
  const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  return text
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}

const rulesFolder = path.join(root, 'rules');
const files = readdirSync(rulesFolder, { recursive: true })
  .filter((name) => name.endsWith('.yml') && !name.endsWith('.tests.yml'))
  .map((name) => ({ path: name, text: readFileSync(path.join(rulesFolder, name), 'utf8') }));
const { matcher } = load(files);

const AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

/** As servers write a value between quotes. */
const quoted = (text) =>
  text
    .replace(/["\\]/g, '\\$&')
    // eslint-disable-next-line no-control-regex -- those are what servers escape
    .replace(/[\0-\x1f\x7f]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);

function logLine({ method = 'GET', target = '/', referer = '-', ua = AGENT }) {
  return `203.0.113.9 - - [01/Mar/2026:09:30:00 +0000] "${method} ${quoted(target).replaceAll(' ', '%20')} HTTP/1.1" 200 512 "${quoted(referer)}" "${quoted(ua)}"`;
}

/** What is already percent-encoded is sent so, since the encoding is part of the attack. */
function encoded(payload) {
  const text = payload.toWellFormed();
  if (!/%[0-9a-f]{2}/i.test(text)) return encodeURIComponent(text);
  return text.replace(/[\s"<>`{}|\\^#&+]/g, encodeURIComponent);
}

const PLACES = {
  parameter: (payload) => ({ target: `/search?lang=en&q=${encoded(payload)}&page=2` }),
  path: (payload) => ({ target: `/items/${encoded(payload).replaceAll(/%2F/gi, '/')}` }),
  referer: (payload) => ({ referer: `https://shop.example/list?q=${encoded(payload)}` }),
  agent: (payload) => ({ ua: payload }),
};

/** By set, then by half: how many were flagged, of how many; benign ones also by probes alone. */
const sets = new Map();
const rules = new Map();
const places = new Map();

function flagsOf(line) {
  const parsed = parseRecord(Buffer.from(line), { arrivalMs: 1_772_357_400_000 });
  return parsed.ok ? matcher.match(parsed.event).filter((rule) => rule.alertsAlone) : [];
}

function halfOf(set, text) {
  if (set.startsWith('unseen-')) return 'held';
  return createHash('sha1').update(text).digest()[0] < 128 ? 'tuned' : 'held';
}

function judge({ set, isBenign, half, line, place }) {
  const found = flagsOf(line);
  const entry = sets.get(set) ?? { isBenign, tuned: [0, 0], held: [0, 0], probes: { tuned: 0, held: 0 } };
  entry[half][1] += 1;
  if (found.length > 0) entry[half][0] += 1;
  if (found.length > 0 && found.every(({ name }) => name?.startsWith('probe_'))) entry.probes[half] += 1;
  sets.set(set, entry);
  if (place !== undefined) {
    const counts = places.get(place) ?? { tuned: [0, 0], held: [0, 0] };
    counts[half][1] += 1;
    if (found.length > 0) counts[half][0] += 1;
    places.set(place, counts);
  }
  for (const { title } of found) {
    const counts = rules.get(title) ?? [0, 0];
    counts[isBenign ? 1 : 0] += 1;
    rules.set(title, counts);
  }
}

function judgeRecord(name, record, isBenignFolder) {
  const said = /^(tuned|held)-(.*)$/.exec(record.class ?? record.attack_type ?? '');
  const kind = said?.[2] ?? record.class ?? record.attack_type;
  const isBenign = isBenignFolder || kind === 'norm' || kind === 'benign';
  const set = isBenign || kind === undefined ? name : `${name}: ${kind}`;
  const half = said?.[1] ?? halfOf(name, record.payload ?? record.target);
  const common = { set: isBenign && !isBenignFolder ? `${name}: benign` : set, isBenign, half };
  if (record.payload === undefined) return judge({ ...common, line: logLine(record) });
  for (const [place, request] of Object.entries(PLACES)) {
    judge({ ...common, line: logLine(request(record.payload)), place: isBenign ? undefined : place });
  }
}

function recordOf(line, isBenignFolder) {
  const request = /^(?:([A-Z]{3,12}) )?(?:https?:\/\/[^/?\s]+)?([/?][^\t]*)(?:\t([^\t]*))?(?:\t([^\t]*))?$/.exec(line);
  if (request === null || (request[1] === undefined && !isBenignFolder)) return { payload: line };
  return { method: request[1], target: request[2], referer: request[3], ua: request[4] };
}

function judgeFile(file, isBenignFolder) {
  const name = path.basename(file).split('.')[0];
  const kind = /\.(txt|ndjson|log)(?:\.gz)?$/.exec(file)?.[1];
  for (const line of kind === undefined ? [] : linesOf(file)) {
    if (kind === 'log') judge({ set: name, isBenign: isBenignFolder, half: halfOf(name, line), line });
    else judgeRecord(name, kind === 'txt' ? recordOf(line, isBenignFolder) : JSON.parse(line), isBenignFolder);
  }
}

for (const file of values.payloads) judgeFile(file, false);
for (const file of values['benign-log']) judgeFile(file, true);
for (const folder of values.attacks)
  for (const file of readdirSync(folder).sort()) judgeFile(path.join(folder, file), false);
for (const folder of values.benign)
  for (const file of readdirSync(folder).sort()) judgeFile(path.join(folder, file), true);

/** Wilson's interval at 95 %, in percent. */
function interval(part, whole) {
  const z2 = 1.96 ** 2;
  const middle = (part + z2 / 2) / (whole + z2);
  const spread = (1.96 / (whole + z2)) * Math.sqrt((part * (whole - part)) / whole + z2 / 4);
  return [middle - spread, middle + spread].map((end) => (100 * Math.min(1, Math.max(0, end))).toFixed(2)).join('–');
}
const percent = ([part, whole], digits = 2) =>
  whole === 0 ? '' : `${((100 * part) / whole).toFixed(digits)} % (${part} of ${whole}; ${interval(part, whole)})`;
const sum = (isBenign, half) =>
  [...sets.values()]
    .filter((set) => set.isBenign === isBenign)
    .reduce(([part, whole], set) => [part + set[half][0], whole + set[half][1]], [0, 0]);
const probesOf = (half) =>
  [...sets.values()].filter((set) => set.isBenign).reduce((total, set) => total + set.probes[half], 0);
const withoutProbes = (half) => {
  const [part, whole] = sum(true, half);
  return [part - probesOf(half), whole];
};
const row = (name, { tuned, held }) => `| ${name} | ${percent(tuned)} | ${percent(held)} |`;
const table = (isBenign) =>
  [...sets].filter(([, set]) => set.isBenign === isBenign).map(([name, set]) => row(name, set));

const notes = readFileSync(path.join(import.meta.dirname, 'detection-quality.notes.md'), 'utf8').trim();
const report = `# How good the web rules are

${notes}

## Attacks found

| set | tuned on | held back |
| --- | --- | --- |
${table(false).join('\n')}
${row('**all**', { tuned: sum(false, 'tuned'), held: sum(false, 'held') })}

By the place where a payload stood:

| place | tuned on | held back |
| --- | --- | --- |
${[...places].map(([name, counts]) => row(name, counts)).join('\n')}

## Benign requests flagged

| set | tuned on | held back |
| --- | --- | --- |
${table(true).join('\n')}
${row('**all rules that alert**', { tuned: sum(true, 'tuned'), held: sum(true, 'held') })}
${row('**without the rules for probes**', { tuned: withoutProbes('tuned'), held: withoutProbes('held') })}

## By rule

| rule | attacks | benign |
| --- | --- | --- |
${[...rules]
  .sort((a, b) => b[1][0] - a[1][0])
  .map(([title, [attacks, benign]]) => `| ${title} | ${attacks} | ${benign} |`)
  .join('\n')}
`;
if (!values.print) writeFileSync(path.join(root, 'docs/detection-quality.md'), report);
console.log(report);
