import { Module } from '@nestjs/common';
import { SilosModule } from '../../silos/silos.module.js';
import { IngestModule } from '../ingest.module.js';
import { IntakeCountRepository } from './intake-count.repository.js';
import { IntakeCounts } from './intake-counts.service.js';
import { IntakeController } from './intake.controller.js';
import { IntakeDirectory } from './intake-directory.service.js';
import { IntakeFlow } from './intake-flow.service.js';
import { IntakeHttp } from './intake-http.service.js';
import { IntakeMetrics } from './intake.metrics.js';
import { IntakeService } from './intake.service.js';

/** Records from silos over HTTP, onto their topics. */
@Module({
  imports: [IngestModule, SilosModule],
  controllers: [IntakeController],
  providers: [
    IntakeCountRepository,
    IntakeCounts,
    IntakeDirectory,
    IntakeFlow,
    IntakeHttp,
    IntakeMetrics,
    IntakeService,
  ],
})
export class IntakeModule {}
