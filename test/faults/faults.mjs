// Kills, freezes and changes everything around a stream of known stories, for as long as told, and says what was lost or doubled:
//   npm run test:faults -- --minutes N [--seed S] [--only "broker killed,service frozen"] [--logs FOLDER]
// Ends with status 1 if anything was. The same seed gives the same stories and the same order of faults.
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import '../integration/pipeline/swc-hooks.mjs';

const { default: Table } = await import('cli-table3');
const { FaultRun, FAULTS } = await import('./fault-run.ts');

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    only: { type: 'string' },
    logs: { type: 'string' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const faults = values.only === undefined ? FAULTS : values.only.split(',').map((name) => name.trim());
console.log(`seed ${seed}`);
const startedAt = Date.now();
const say = (line) => console.log(`${((Date.now() - startedAt) / 1_000).toFixed(0).padStart(5)} s  ${line}`);
const seconds = Number(values.minutes) * 60;
if (values.logs !== undefined) mkdirSync(values.logs, { recursive: true });
const logs = values.logs === undefined ? {} : { logs: values.logs };
const report = await FaultRun.run({ seed, seconds, faults, freezeMs: 20_000, ...logs, say });
const table = new Table({ head: ['', 'count'], style: { head: [], border: [] } });
for (const fault of FAULTS) if (faults.includes(fault)) table.push([fault, report.survived[fault] ?? 0]);
table.push(['faults survived', Object.values(report.survived).reduce((sum, count) => sum + count, 0)]);
table.push(['events published', report.records], ['stories', report.stories]);
table.push(['alerts of the undisturbed run', report.alerts], ['its incidents', report.incidents]);
table.push(['lost', report.lost.length], ['doubled', report.doubled.length]);
table.push(['mails', report.mails], ['mails repeated (in flight at a fault)', report.mailRepeats]);
table.push(['poison records, all dead letters', report.poison], ['dead letters repeated', report.poisonRepeats]);
table.push(['restarts of the service', report.restarts]);
console.log(table.toString());
for (const line of report.lost) console.log(`lost: ${line}`);
for (const line of report.doubled) console.log(`doubled or unexpected: ${line}`);
for (const line of report.warnings) console.log(`warning: ${line}`);
process.exitCode = report.lost.length + report.doubled.length === 0 ? 0 : 1;
