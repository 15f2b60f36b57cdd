import { Module } from '@nestjs/common';
import { IntakeTokenRepository } from './intake-token.repository.js';
import { SiloDirectory } from './silo-directory.service.js';
import { SiloRepository } from './silo.repository.js';

@Module({
  providers: [IntakeTokenRepository, SiloDirectory, SiloRepository],
  exports: [IntakeTokenRepository, SiloDirectory, SiloRepository],
})
export class SilosModule {}
