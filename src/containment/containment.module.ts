import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { CorrelateModule } from '../correlate/correlate.module.js';
import { IncidentsModule } from '../incidents/incidents.module.js';
import { SilosModule } from '../silos/silos.module.js';
import { ActionReadService } from './action-read.service.js';
import { ActionRepository } from './action.repository.js';
import { AgentKeyRepository } from './agent-key.repository.js';
import { ApprovalService } from './approval.service.js';
import { CommandSigner } from './command-signer.js';
import { ContainmentStateService } from './containment-state.service.js';
import { ContainmentController } from './containment.controller.js';
import { ContainmentScheduler } from './containment.scheduler.js';
import { DispatchService } from './dispatch.service.js';
import { EnrolmentService } from './enrolment.service.js';
import { KeyFileSigner } from './key-file-signer.provider.js';
import { ProposalService } from './proposal.service.js';
import { ResultsConsumer } from './results.consumer.js';
import { ResultsService } from './results.service.js';
import { VerificationService } from './verification.service.js';
import { WatchRepository } from './watch.repository.js';

/** Signed commands to the silos' agents, approvals, and proof. ContainmentStateService is what incidents' ContainmentState is bound to in app/. */
@Module({
  imports: [AccessModule, SilosModule, CorrelateModule, IncidentsModule],
  controllers: [ContainmentController],
  providers: [
    ActionReadService,
    ActionRepository,
    AgentKeyRepository,
    ApprovalService,
    { provide: CommandSigner, useClass: KeyFileSigner },
    ContainmentScheduler,
    ContainmentStateService,
    DispatchService,
    EnrolmentService,
    ProposalService,
    ResultsConsumer,
    ResultsService,
    VerificationService,
    WatchRepository,
  ],
  exports: [AgentKeyRepository, ContainmentStateService, EnrolmentService],
})
export class ContainmentModule {}
