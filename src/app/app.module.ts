import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AccessModule } from '../access/access.module.js';
import { CryptoModule } from '../platform/crypto/crypto.module.js';
import { HttpModule } from '../platform/http/http.module.js';
import { type PublicUrl } from '../platform/http/public-url.js';
import { type Readiness } from '../platform/http/readiness.js';
import { PlatformModule } from '../platform/platform.module.js';
import { AlertDeskModule } from '../correlate/alerts/alert-desk.module.js';
import { ContainmentModule } from '../containment/containment.module.js';
import { DisclosureModule } from '../disclosure/disclosure.module.js';
import { NoticesModule } from '../notices/notices.module.js';
import { CorrelateModule } from '../correlate/correlate.module.js';
import { SiloOverviewModule } from '../correlate/silo-overview/silo-overview.module.js';
import { DetectModule } from '../detect/detect.module.js';
import { IncidentsModule } from '../incidents/incidents.module.js';
import { IngestModule } from '../ingest/ingest.module.js';
import { IntakeModule } from '../ingest/intake/intake.module.js';
import { PagingModule } from '../paging/paging.module.js';
import { MailModule } from '../platform/mail/mail.module.js';
import { SilosModule } from '../silos/silos.module.js';
import { PortsModule } from './ports.module.js';
import { ApiDocument } from './operations/api-document.js';
import { OperationsController } from './operations/operations.controller.js';
import { ReferenceController } from './operations/reference.controller.js';
import { SendingController } from './operations/sending.controller.js';
import { SendingService } from './operations/sending.service.js';
import { SendingPause } from '../platform/restore/sending-pause.js';
import { type OpenPlatform } from './platform.js';

export interface AppParts {
  readonly platform: OpenPlatform;
  readonly readiness: Readiness;
  readonly publicUrl: PublicUrl;
}

/** All rooms together. Each adds its module below, in the order of docs/architecture.md, and its variables in config-slices.ts. */
@Module({})
export class AppModule {
  static of({ platform, readiness, publicUrl }: AppParts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.of(platform),
        CryptoModule.of(platform.keys, platform.sealedBox),
        HttpModule.of({ readiness, publicUrl, roles: platform.roles }),
        // Sweeps (@Interval, @Cron) run where jobs run.
        ...(platform.roles.has('respond') ? [ScheduleModule.forRoot()] : []),
        AccessModule,
        SilosModule,
        MailModule,
        IngestModule,
        IntakeModule,
        DetectModule,
        CorrelateModule,
        AlertDeskModule,
        SiloOverviewModule,
        IncidentsModule,
        ContainmentModule,
        PagingModule,
        NoticesModule,
        DisclosureModule,
        PortsModule,
      ],
      providers: [ApiDocument, SendingService, { provide: SendingPause, useValue: platform.sendingPause }],
      controllers: [OperationsController, ReferenceController, SendingController],
    };
  }
}
