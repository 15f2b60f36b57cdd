import path from 'node:path';
import { Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { Config } from '../platform/config/config.js';
import { KeyStore } from '../platform/crypto/key-store.js';
import { databaseConfig } from '../platform/database/database.config.js';
import { AccessGuard } from './access.guard.js';
import { AccessScheduler } from './access.scheduler.js';
import { AccessSeed } from './access-seed.service.js';
import { AccountSetup } from './account-setup.service.js';
import { CredentialRepository } from './credential.repository.js';
import { EnrolmentService } from './enrolment.service.js';
import { LiveStreams } from './live-streams.service.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordService } from './password.service.js';
import { RoleGrantRepository } from './role-grant.repository.js';
import { RouteDeclarations } from './route-declarations.service.js';
import { SecondFactorService } from './second-factor.service.js';
import { SessionController } from './session.controller.js';
import { SessionRepository } from './session.repository.js';
import { SessionService } from './session.service.js';
import { AttemptCounterRepository } from './attempt-counter.repository.js';
import { SignInLimiter } from './sign-in-limiter.service.js';
import { SignInService } from './sign-in.service.js';
import { StaffDirectory } from './staff-directory.service.js';
import { StaffRepository } from './staff.repository.js';
import { StreamController } from './stream.controller.js';
import { TrailChainRepository } from './trail-chain.repository.js';
import { TrailHeads } from './trail-heads.js';
import { TrailReader } from './trail-reader.repository.js';
import { TrailSealer } from './trail-sealer.service.js';
import { TrailController } from './trail.controller.js';
import { TrailRepository } from './trail.repository.js';
import { TrailVerifier } from './trail-verifier.service.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [DiscoveryModule],
  controllers: [SessionController, UsersController, TrailController, StreamController],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    RouteDeclarations,
    AccessScheduler,
    AccessSeed,
    AccountSetup,
    CredentialRepository,
    EnrolmentService,
    LiveStreams,
    PasswordHasher,
    PasswordService,
    RoleGrantRepository,
    SecondFactorService,
    SessionRepository,
    SessionService,
    AttemptCounterRepository,
    SignInLimiter,
    SignInService,
    StaffDirectory,
    StaffRepository,
    TrailChainRepository,
    TrailReader,
    TrailRepository,
    TrailSealer,
    TrailVerifier,
    UsersService,
    {
      provide: TrailHeads,
      inject: [Config, KeyStore],
      useFactory: async (config: Config, keys: KeyStore): Promise<TrailHeads> =>
        new TrailHeads(path.resolve(config.get(databaseConfig).SILOWATCH_DATA), await keys.signingKey('trail')),
    },
  ],
  exports: [AccessSeed, AttemptCounterRepository, StaffDirectory, TrailRepository],
})
export class AccessModule implements OnModuleInit {
  constructor(private readonly hasher: PasswordHasher) {}

  async onModuleInit(): Promise<void> {
    await this.hasher.decoy();
  }
}
