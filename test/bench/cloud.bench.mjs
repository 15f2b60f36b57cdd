// Which techniques of a labelled CloudTrail set raise an alert, and by whose rules.
// Run: npm run bench:cloud -- EVENTS.ndjson[.gz] [COMMUNITY_RULES]   (a line: {"technique", "event"}; the events of a technique are one story)
// Exit status 1 when a technique raises none. Needs a build (`npm run build:service`); DIST names another folder of it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const dist = path.resolve(process.env.DIST ?? path.join(import.meta.dirname, '../../dist'));
const { load } = await import(path.join(dist, 'sigma/index.js'));
const { readRuleFiles } = await import(path.join(dist, 'cli/rule-files.js'));
const { EventTimeCorrelator } = await import(path.join(dist, 'cli/event-time-correlator.js'));
const { parseRecord } = await import(path.join(dist, 'ingest/formats/parse-record.js'));

const [eventsFile, community] = process.argv.slice(2);
if (eventsFile === undefined) {
  console.error('usage: cloud.bench.mjs EVENTS.ndjson[.gz] [COMMUNITY_RULES]');
  process.exit(2);
}
const bytes = readFileSync(eventsFile);
const text = (eventsFile.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
const stories = Map.groupBy(
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line)),
  ({ technique }) => technique,
);

const ours = path.join(import.meta.dirname, '../../rules');
const loadFrom = async (...places) => load((await readRuleFiles(places)).files);
const sets = { ours: await loadFrom(ours) };
if (community !== undefined) sets.community = await loadFrom(community);

/** Titles of what the rules alert on in one story, with the levels that open alerts (low and above). */
function alertsIn({ matcher, feeders, consumers }, events) {
  const found = new Set();
  const note = (rule) => rule.alertsAlone && rule.level !== 'informational' && found.add(rule.title);
  const correlator = new EventTimeCorrelator(consumers, ({ correlation }) => note(correlation));
  for (const { event } of events) {
    const parsed = parseRecord(Buffer.from(JSON.stringify(event)), { arrivalMs: Date.now() });
    if (!parsed.ok) continue;
    correlator.advance(parsed.event.timeMs);
    for (const one of feeders(matcher.match(parsed.event)))
      correlator.match(one, parsed.event.timeMs, parsed.event.fields);
  }
  correlator.finish();
  return found;
}

const byTime = (a, b) => a.event.eventTime.localeCompare(b.event.eventTime);
const rows = [...stories].sort().map(([technique, events]) => {
  events.sort(byTime);
  const found = Object.entries(sets).map(([name, rules]) => [name, [...alertsIn(rules, events)]]);
  return { technique, events: events.length, ...Object.fromEntries(found) };
});
const missed = rows.filter(({ ours: own, community: others = [] }) => own.length + others.length === 0);
const oursAlone = rows.filter(({ ours: own, community: others = [] }) => own.length > 0 && others.length === 0);
for (const { technique, ours: own, community: others = [] } of rows) {
  console.log(`${technique}: ours ${own.length === 0 ? 'none' : own.join('; ')} | community ${others.length}`);
}
console.log(
  JSON.stringify({
    techniques: rows.length,
    foundByOurs: rows.filter(({ ours: own }) => own.length > 0).length,
    ...(community === undefined
      ? {}
      : { foundByCommunity: rows.filter(({ community: others }) => others.length > 0).length }),
    oursAlone: oursAlone.map(({ technique }) => technique),
    missed: missed.map(({ technique }) => technique),
  }),
);
process.exitCode = missed.length > 0 ? 1 : 0;
