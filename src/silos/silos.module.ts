import { Module } from '@nestjs/common';
import { SiloDirectory } from './silo-directory.service.js';
import { SiloRepository } from './silo.repository.js';

@Module({ providers: [SiloDirectory, SiloRepository], exports: [SiloDirectory, SiloRepository] })
export class SilosModule {}
