// Where the processor time of a stretch of this process went, by stage: a profile of samples, each counted for the innermost frame that
// belongs to a stage. Collecting garbage is split by who made it: bytes by sampled allocations. What has no such frame (the event loop, reading
// from sockets) is `rest`.
import { Session } from 'node:inspector/promises';

/** The first that fits names the stage. `path`: the frame's script. */
const STAGES = [
  ['Postgres', /node_modules\/(pg|pg-[a-z]+|typeorm)\/|\/src\/platform\/database\//],
  ['match', /\/(src|dist)\/sigma\/|node_modules\/re2js\//],
  // A plain line is parsed and matched in one look.
  ['parse', /\/(src|dist)\/(ingest\/formats\/|detect\/plain-lines)/],
  ['correlate', /\/(src|dist)\/correlate\//],
  ['signals', /\/(src|dist)\/detect\/|kafka-appender|kafkajs\/src\/producer|requests\/produce\//],
  ['consume', /node_modules\/kafkajs\/|\/platform\/event-log\//],
];

const stageOf = ({ url, functionName }) => {
  if (functionName === '(garbage collector)') return 'collection';
  if (functionName === '(idle)') return 'idle';
  // What looking costs.
  if (url === 'node:inspector') return 'profiler';
  return STAGES.find(([, pattern]) => pattern.test(url))?.[0];
};

/** Begins to look; the function returned ends it and gives milliseconds by stage, without idle time, and those of collecting garbage again. */
export async function splitTime() {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 1_000 });
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: 512 * 1024,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    const { profile: heap } = await session.post('HeapProfiler.stopSampling');
    session.disconnect();
    const ms = millisecondsByStage(profile);
    const collectionMs = ms.get('collection') ?? 0;
    ms.delete('collection');
    for (const [stage, share] of shareOfGarbage(heap)) ms.set(stage, (ms.get(stage) ?? 0) + share * collectionMs);
    return { profile, ms, collectionMs };
  };
}

/** From 0 to 1, of all bytes allocated. */
function shareOfGarbage({ head }) {
  const bytes = new Map();
  const add = ({ callFrame, selfSize, children }, inherited) => {
    const stage = stageOf(callFrame) ?? inherited;
    bytes.set(stage, (bytes.get(stage) ?? 0) + selfSize);
    for (const child of children) add(child, stage);
  };
  add(head, 'rest');
  const all = [...bytes.values()].reduce((sum, one) => sum + one, 0);
  return [...bytes].map(([stage, own]) => [stage, all === 0 ? 0 : own / all]);
}

function millisecondsByStage({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const stages = new Map();
  const label = (id, inherited) => {
    const node = byId.get(id);
    const own = stageOf(node.callFrame) ?? inherited;
    stages.set(id, own);
    for (const child of node.children ?? []) label(child, own);
  };
  const [root] = nodes;
  label(root.id, undefined);
  const totals = new Map();
  for (const [i, id] of samples.entries()) {
    const stage = stages.get(id) ?? 'rest';
    if (stage !== 'idle') totals.set(stage, (totals.get(stage) ?? 0) + (timeDeltas[i] ?? 0) / 1_000);
  }
  return totals;
}
