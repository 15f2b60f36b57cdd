// Kills, freezes and changes everything around a stream of known stories, for as long as told, and says what was lost or doubled:
//   npm run test:faults -- --minutes N [--seed S] [--only "broker killed,service frozen"]
// Ends with status 1 if anything was. The same seed gives the same stories and the same order of faults.
import { parseArgs } from 'node:util';
import '../integration/pipeline/swc-hooks.mjs';

const { default: Table } = await import('cli-table3');
const { FaultRun, FAULTS } = await import('./fault-run.ts');

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const faults = values.only === undefined ? FAULTS : values.only.split(',').map((name) => name.trim());
console.log(`seed ${seed}`);
const startedAt = Date.now();
const say = (line) => console.log(`${((Date.now() - startedAt) / 1_000).toFixed(0).padStart(5)} s  ${line}`);
const report = await FaultRun.run({ seed, seconds: Number(values.minutes) * 60, faults, freezeMs: 20_000, say });
const table = new Table({ head: ['', 'count'], style: { head: [], border: [] } });
for (const fault of FAULTS) if (faults.includes(fault)) table.push([fault, report.survived[fault] ?? 0]);
table.push(['records published', report.records], ['stories', report.stories]);
table.push(['lost', report.lost.length], ['doubled', report.doubled.length]);
table.push(['mails', report.mails], ['mails repeated (in flight at a kill)', report.mailRepeats]);
table.push(['restarts of the service', report.crashes]);
console.log(table.toString());
for (const line of report.lost) console.log(`lost: ${line}`);
for (const line of report.doubled) console.log(`doubled or unexpected: ${line}`);
for (const line of report.warnings) console.log(`warning: ${line}`);
process.exitCode = report.lost.length + report.doubled.length === 0 ? 0 : 1;
