// Events a second and memory of `silowatch scan` on a generated access log (1 GB unless told otherwise).
//   node test/bench/scan.bench.mjs [size in MB]
// The log is made by a fixed pseudo-random sequence, so that two runs read the same bytes. Needs a build.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { once } from 'node:events';
import path from 'node:path';
import { clearInterval, setInterval } from 'node:timers';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'curl/8.5.0',
];
const PATHS = [
  '/app/dashboard',
  '/app/invoices?page={n}',
  '/app/invoices/2026-{n}',
  '/app/customers?sort=name&q=O%27Brien+%26+Sons',
  '/app/reports/profit-and-loss?from=2026-01-01&to=2026-09-30',
  '/assets/app.9f2c1d.js',
  '/api/v1/notifications',
  '/api/v1/search?q=union+membership+{n}',
];
const PROBES = ['/wp-login.php', '/.env', '/phpmyadmin/index.php', "/?id=1'%20or%20'1'='1", '/../../etc/passwd'];

function randomFrom(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

async function generate(file, bytes) {
  const random = randomFrom(42);
  const out = createWriteStream(file);
  let written = 0;
  let atMs = Date.UTC(2026, 2, 1);
  while (written < bytes) {
    const lines = [];
    for (let i = 0; i < 5000; i += 1) {
      atMs += random(40);
      const iso = new Date(atMs).toISOString();
      const time = `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
      const isProbe = random(5000) === 0;
      const uri = (isProbe ? PROBES[random(PROBES.length)] : PATHS[random(PATHS.length)]).replace(
        '{n}',
        String(random(9000)),
      );
      const ip = isProbe ? `203.0.113.${random(250)}` : `198.51.${random(256)}.${random(256)}`;
      const status = isProbe ? 404 : random(12) === 0 ? 304 : 200;
      lines.push(
        `${ip} - - [${time}] "GET ${uri} HTTP/1.1" ${status} ${random(60_000)} "https://acme.cashsheet.example/app" "${AGENTS[random(AGENTS.length)]}"\n`,
      );
    }
    const text = lines.join('');
    written += text.length;
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

async function run(file) {
  const root = path.resolve(import.meta.dirname, '../..');
  const startedMs = performance.now();
  const child = spawn(process.execPath, [path.join(root, 'dist/cli/main.js'), 'scan', file, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let alerts = 0;
  let stderr = '';
  child.stdout.on('data', (chunk) => (alerts += String(chunk).split('\n').length - 1));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  let peakKb = 0;
  let cpuSeconds = 0;
  const samples = [];
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      const [user = 0, system = 0] = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .split(') ')[1]
        .split(' ')
        .slice(11, 13)
        .map(Number);
      cpuSeconds = (user + system) / 100;
      samples.push(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // The process is over.
    }
  }, 200);
  await once(child, 'exit');
  clearInterval(timer);
  return {
    seconds: (performance.now() - startedMs) / 1000,
    alerts,
    cpuSeconds,
    peakMb: peakKb / 1024,
    samples,
    stderr,
  };
}

const megabytes = Number(process.argv[2] ?? 1024);
const folder = path.join(tmpdir(), 'silowatch-bench');
await mkdir(folder, { recursive: true });
const file = path.join(folder, `access-${megabytes}mb.log`);
if (!existsSync(file)) await generate(file, megabytes * 1024 * 1024);
const { seconds, cpuSeconds, alerts, peakMb, samples, stderr } = await run(file);
const lines = Number((/Read ([\d,]+) of/.exec(stderr)?.[1] ?? '0').replaceAll(',', ''));
const quarter = (n) => Math.round((samples[Math.floor((samples.length - 1) * n)] ?? 0) / 1024);
console.log(
  JSON.stringify({
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    node: process.version,
    bytes: statSync(file).size,
    lines,
    seconds: Number(seconds.toFixed(2)),
    cpuSeconds: Number(cpuSeconds.toFixed(1)),
    eventsPerCpuSecond: Math.round(lines / cpuSeconds),
    eventsPerSecond: Math.round(lines / seconds),
    megabytesPerSecond: Math.round(statSync(file).size / seconds / 1e6),
    peakRssMb: Math.round(peakMb),
    rssMbAtQuarters: [quarter(0.25), quarter(0.5), quarter(0.75), quarter(1)],
    alerts,
  }),
);
