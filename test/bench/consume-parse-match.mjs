// What every way from a log to alerts has to do, and nothing else: take the records out of the log, parse them, try the rules on them.
const { PLATFORM_RULES } = await import('../../src/detect/platform-rules.ts');
const { PlainLines } = await import('../../src/detect/plain-lines.ts');
const { readRuleFiles, SHIPPED_RULES } = await import('../../src/detect/rule-files.ts');
const { compileRules } = await import('../../src/detect/rules.ts');
const { parseRecord } = await import('../../src/ingest/formats/parse-record.ts');

/** Reads all of `topics`, as a group of this name, and gives what the main thread worked for it (milliseconds), with the matches. */
export async function consumeParseMatch(log, { group, topics, records }) {
  const { files } = await readRuleFiles([SHIPPED_RULES]);
  const { matcher } = compileRules([PLATFORM_RULES, ...files]).loaded;
  const plainLines = new PlainLines();
  let [read, matches, before, end] = [0, 0, undefined, undefined];
  const ended = new Promise((resolve) => (end = resolve));
  const reader = await log.consume({
    group,
    topics: () => Promise.resolve(topics),
    handler: (batch) => {
      before ??= process.threadCpuUsage();
      for (const record of batch.records) {
        if (!Number.isNaN(plainLines.timeOf(record, undefined, matcher))) continue;
        const parsed = parseRecord(record.value, { arrivalMs: record.timestampMs });
        if (parsed.ok) matches += matcher.match(parsed.event).length;
      }
      read += batch.records.length;
      if (read >= records) end(workedSince(before));
      return Promise.resolve();
    },
  });
  const workedMs = await ended;
  await reader.close();
  return { workedMs, matches };
}

/** Milliseconds of processor time of this thread. */
export function workedSince(before) {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
