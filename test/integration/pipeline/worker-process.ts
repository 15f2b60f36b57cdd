import { type PipelineOptions, startPipeline } from './pipeline.js';

// The stages as a process of their own, for a test to kill. Its only argument is the options as JSON.
const options = JSON.parse(process.argv[2] ?? '{}') as PipelineOptions;
const pipeline = await startPipeline(options);
process.stdout.write('started\n');
process.on('SIGTERM', () => {
  void pipeline.close().then(() => process.exit(0));
});
