import { Module } from '@nestjs/common';
import { IntakeTokenRepository } from './intake-token.repository.js';
import { SiloCredentialRepository } from './silo-credential.repository.js';
import { SiloDirectory } from './silo-directory.service.js';
import { SiloRepository } from './silo.repository.js';

@Module({
  providers: [IntakeTokenRepository, SiloCredentialRepository, SiloDirectory, SiloRepository],
  exports: [IntakeTokenRepository, SiloCredentialRepository, SiloDirectory, SiloRepository],
})
export class SilosModule {}
