import { Module } from '@nestjs/common';
import { SilosModule } from '../silos/silos.module.js';
import { SourceDirectory } from './source-directory.service.js';

/** What is read from silos: their topics and formats, and what becomes of records that cannot be used. */
@Module({ imports: [SilosModule], providers: [SourceDirectory], exports: [SourceDirectory, SilosModule] })
export class IngestModule {}
