import { Module } from '@nestjs/common';
import { DetectModule } from '../detect/detect.module.js';
import { AlertWriter } from './alert-writer.service.js';
import { AlertRepository } from './alert.repository.js';
import { AlertService } from './alert.service.js';
import { BatchCommit } from './batch-commit.service.js';
import { CorrelateStage } from './correlate-stage.service.js';
import { CorrelateWork } from './correlate-work.service.js';
import { EntityActivityRepository } from './entity-activity.repository.js';
import { EvidenceRepository } from './evidence.repository.js';
import { GroupRepository } from './group.repository.js';
import { OutboxRelay } from './outbox-relay.service.js';
import { PartitionOwner } from './partition-owner.service.js';
import { PartitionRepository } from './partition.repository.js';
import { SignalBatches } from './signal-batches.service.js';
import { SilenceRepository } from './silence.repository.js';
import { SilenceScheduler } from './silence.scheduler.js';
import { SilenceWatch } from './silence-watch.service.js';
import { StageBooks } from './stage-books.service.js';
import { StageWorkRepository } from './stage-work.repository.js';
import { StateSizeRepository } from './state-size.repository.js';
import { StateSizes } from './state-sizes.service.js';
import { StreamStatisticsRepository } from './stream-statistics.repository.js';

/** Counting of signals, alerts, and the one transaction. Needs an `IncidentOpener`, which a room to the right binds. */
@Module({
  imports: [DetectModule],
  providers: [
    AlertRepository,
    AlertService,
    AlertWriter,
    BatchCommit,
    CorrelateStage,
    CorrelateWork,
    EntityActivityRepository,
    EvidenceRepository,
    GroupRepository,
    OutboxRelay,
    PartitionOwner,
    PartitionRepository,
    SignalBatches,
    SilenceRepository,
    SilenceScheduler,
    SilenceWatch,
    StageBooks,
    StageWorkRepository,
    StateSizeRepository,
    StateSizes,
    StreamStatisticsRepository,
  ],
  exports: [
    AlertRepository,
    AlertService,
    DetectModule,
    EntityActivityRepository,
    SilenceRepository,
    StageWorkRepository,
    StateSizeRepository,
    StreamStatisticsRepository,
  ],
})
export class CorrelateModule {}
