import { Option, type Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenPlatform } from '../app/platform.js';
import { parseRecord } from '../ingest/formats/parse-record.js';
import { FORMAT_NAMES } from '../ingest/formats/parsed-record.js';
import { system } from '../platform/database/scope.js';
import type { OutgoingMessage } from '../platform/event-log/event-log.js';
import { siloTopic, STREAMS, type Stream } from '../platform/event-log/topics.js';
import { SiloRepository } from '../silos/silo.repository.js';
import { CliError, systemReason } from './cli-error.js';
import { type LogLine, logRecords } from './log-lines.js';
import { progressOver } from './progress.js';
import { withPlatform } from './with-platform.js';

interface ReplayOptions {
  readonly tenant: string;
  readonly stream: Stream;
  readonly speed?: number;
  readonly format?: string;
}

/** Lines that travel to the log together, and their bytes at most. */
const LINES_AT_ONCE = 1_000;
const BYTES_AT_ONCE = 512 * 1024;
/** A gap in a paced replay is never waited for longer than this. */
const LONGEST_WAIT_MS = 10_000;

export function register(program: Command): void {
  program
    .command('replay <files...>')
    .description("put real log files onto a silo's topic, line by line and unchanged; plain or .gz, - for stdin")
    .requiredOption('--tenant <tenant>', 'the silo that the files are of')
    .addOption(new Option('--stream <stream>', 'the stream that they belong to').choices(STREAMS).makeOptionMandatory())
    .option('--speed <n>', 'at n times the pace at which it happened (default: as fast as the log takes it)', speedOf)
    .addOption(
      new Option('--format <name>', 'format of the files (default: as the silo says, else by shape)').choices(
        FORMAT_NAMES,
      ),
    )
    .addHelpText(
      'after',
      '\nExample:\n  silowatch replay --tenant harbor-bakery --stream access access.log access.log.1.gz',
    )
    .action((files: string[], options: ReplayOptions) => withPlatform((platform) => replay(platform, files, options)));
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (!(speed > 0)) throw new CliError(`--speed ${text}: give a number above 0, for example --speed 10`);
  return speed;
}

async function replay(platform: OpenPlatform, files: readonly string[], options: ReplayOptions): Promise<number> {
  await requireSilo(platform, options.tenant);
  const progress = await progressOver(files);
  const sender = new Sender(platform, options);
  try {
    for (const file of files) {
      try {
        for await (const { records } of logRecords(file, (bytes) => progress.add(bytes))) await sender.take(records);
      } catch (error) {
        throw new CliError(`${file}: ${systemReason(error)}`);
      }
    }
    await sender.flush();
  } finally {
    progress.stop();
  }
  process.stderr.write(`${sender.sent} records put on ${siloTopic(options.tenant, options.stream)}\n`);
  if (sender.overlong === 0) return 0;
  process.stderr.write(`${sender.overlong} lines were longer than a record may be (1 MiB) and were left out\n`);
  return 1;
}

async function requireSilo(platform: OpenPlatform, tenant: string): Promise<void> {
  const silo = await platform.database.transaction(system('operator'), (tx) => new SiloRepository().find(tx, tenant));
  if (silo?.state === 'active') return;
  throw new CliError(
    `there is no silo ${tenant}: see silowatch silo list, or add it with silowatch silo add ${tenant}`,
  );
}

/** Sends lines in order, all to one partition, in batches that the log acknowledges one after another. */
class Sender {
  sent = 0;
  overlong = 0;
  private waiting: OutgoingMessage[] = [];
  private bytes = 0;
  private pace: { readonly eventMs: number; readonly at: number } | undefined;

  constructor(
    private readonly platform: OpenPlatform,
    private readonly options: ReplayOptions,
  ) {}

  async take(lines: readonly LogLine[]): Promise<void> {
    for (const { bytes } of lines) {
      if (bytes === undefined) {
        this.overlong += 1;
        continue;
      }
      const end = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length;
      if (end > 0) await this.add(Buffer.from(bytes.subarray(0, end)));
    }
  }

  async flush(): Promise<void> {
    if (this.waiting.length === 0) return;
    await this.platform.eventLog.append(this.waiting);
    this.sent += this.waiting.length;
    this.waiting = [];
    this.bytes = 0;
  }

  private async add(value: Buffer): Promise<void> {
    const { tenant, stream, speed, format } = this.options;
    if (speed !== undefined) await this.keepPace(value, speed);
    const headers = format === undefined ? {} : { headers: { format } };
    this.waiting.push({ topic: siloTopic(tenant, stream), partition: 0, key: null, value, ...headers });
    this.bytes += value.length;
    if (this.waiting.length >= LINES_AT_ONCE || this.bytes >= BYTES_AT_ONCE) await this.flush();
  }

  /** Waits until as much time has gone by, divided by the speed, as lies between this record and the first. */
  private async keepPace(value: Buffer, speed: number): Promise<void> {
    const nowMs = Date.now();
    const parsed = parseRecord(value, {
      arrivalMs: nowMs,
      ...(this.options.format && { format: this.options.format }),
    });
    if (!parsed.ok || parsed.event.timeSource !== 'record') return;
    const { timeMs } = parsed.event;
    this.pace ??= { eventMs: timeMs, at: nowMs };
    const waitMs = this.pace.at + (timeMs - this.pace.eventMs) / speed - nowMs;
    if (waitMs < 20) return;
    await this.flush();
    await sleep(Math.min(waitMs, LONGEST_WAIT_MS));
    if (waitMs > LONGEST_WAIT_MS) this.pace = { eventMs: timeMs, at: Date.now() };
  }
}
