import { type PipelineOptions, startPipeline } from './pipeline.js';

// The stages as a process of their own, for a test to kill. Its only argument is the options as JSON.
const options = JSON.parse(process.argv[2] ?? '{}') as PipelineOptions;
const pipeline = await startPipeline(options);
process.stdout.write('started\n');
// A bench that has a channel to this process is told ten times a second how far it is.
if (process.send !== undefined) {
  const read = async (name: string, stage?: string): Promise<number> => {
    const metric = await pipeline.metrics.main.getSingleMetric(name)?.get();
    const values = (metric?.values ?? []).filter(({ labels }) => stage === undefined || labels['stage'] === stage);
    return values.reduce((total, { value }) => total + value, 0);
  };
  setInterval(() => {
    void (async () => {
      const events = await read('silowatch_events_total');
      const partitions = await read('silowatch_partitions', 'detect');
      const { user, system } = process.cpuUsage();
      const rssMb = Math.round(process.memoryUsage.rss() / 1e6);
      process.send?.({ events, partitions, rssMb, cpuMs: (user + system) / 1_000 });
    })();
  }, 100);
}
process.on('SIGTERM', () => {
  void pipeline.close().then(() => process.exit(0));
});
