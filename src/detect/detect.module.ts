import { Module } from '@nestjs/common';
import { IngestModule } from '../ingest/ingest.module.js';
import { BatchDetection } from './batch-detection.service.js';
import { DetectProgress } from './detect-progress.service.js';
import { DetectStage } from './detect-stage.service.js';
import { RuleSetRepository } from './rule-set.repository.js';
import { RuleSet } from './rule-set.service.js';
import { SignalPacing } from './signal-pacing.service.js';
import { SignalsTopic } from './signals-topic.service.js';
import { WatchedEntities } from './watched-entities.service.js';

/** Matching of records against rules: stateless, so that any number of instances share the silos. */
@Module({
  imports: [IngestModule],
  providers: [
    BatchDetection,
    DetectProgress,
    DetectStage,
    RuleSet,
    RuleSetRepository,
    SignalPacing,
    SignalsTopic,
    WatchedEntities,
  ],
  exports: [IngestModule, RuleSet, SignalsTopic],
})
export class DetectModule {}
