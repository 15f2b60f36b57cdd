import { Module } from '@nestjs/common';
import { SilosModule } from '../silos/silos.module.js';
import { FirstBatchGuard } from './first-batch-guard.service.js';
import { ReadAttemptRepository } from './read-attempt.repository.js';
import { SleepWatch } from './sleep-watch.service.js';
import { SourceDirectory } from './source-directory.service.js';
import { StageMetrics } from './stage.metrics.js';
import { StageWork } from './stage-work.service.js';

/** What is read from silos: their topics and formats, and what becomes of records that cannot be used. */
@Module({
  imports: [SilosModule],
  providers: [FirstBatchGuard, ReadAttemptRepository, SleepWatch, SourceDirectory, StageMetrics, StageWork],
  exports: [FirstBatchGuard, ReadAttemptRepository, SleepWatch, SourceDirectory, StageMetrics, StageWork, SilosModule],
})
export class IngestModule {}
