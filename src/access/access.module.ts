import { Module } from '@nestjs/common';
import { TrailRepository } from './trail.repository.js';

@Module({
  providers: [TrailRepository],
  exports: [TrailRepository],
})
export class AccessModule {}
