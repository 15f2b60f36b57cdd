import { Module } from '@nestjs/common';
import { DetectModule } from '../detect/detect.module.js';
import { AlertWriter } from './alerts/alert-writer.service.js';
import { AlertRepository } from './alerts/alert.repository.js';
import { AlertService } from './alerts/alert.service.js';
import { BatchAlerts } from './batch-alerts.service.js';
import { BatchCommit } from './batch-commit.service.js';
import { BatchCounting } from './batch-counting.service.js';
import { CorrelateStage } from './correlate-stage.service.js';
import { CorrelateWork } from './books/correlate-work.service.js';
import { EntityActivityRepository } from './alerts/entity-activity.repository.js';
import { EvidenceRepository } from './evidence.repository.js';
import { GroupRepository } from './group.repository.js';
import { OutboxRelay } from './outbox-relay.service.js';
import { PartitionOwner } from './partition-owner.service.js';
import { PartitionRepository } from './partition.repository.js';
import { SiloShares } from './books/silo-shares.service.js';
import { SignalBatches } from './signal-batches.service.js';
import { SilenceRepository } from './silence/silence.repository.js';
import { SilenceScheduler } from './silence/silence.scheduler.js';
import { SilenceWatch } from './silence/silence-watch.service.js';
import { StageBooks } from './books/stage-books.service.js';
import { StageWorkRepository } from './books/stage-work.repository.js';
import { StateSizeRepository } from './books/state-size.repository.js';
import { StateSizes } from './books/state-sizes.service.js';
import { StreamStatisticsRepository } from './books/stream-statistics.repository.js';

/** Counting of signals, alerts, and the one transaction. Needs an `IncidentOpener`, which a room to the right binds. */
@Module({
  imports: [DetectModule],
  providers: [
    AlertRepository,
    AlertService,
    AlertWriter,
    BatchAlerts,
    BatchCommit,
    BatchCounting,
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
    SiloShares,
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
