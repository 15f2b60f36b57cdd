import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { LiveStreams } from './live-streams.service.js';
import { CurrentStaff, May } from './may.decorator.js';
import type { Staff } from './staff.js';

@ApiTags('Live')
@Controller('api/stream')
export class StreamController {
  constructor(private readonly streams: LiveStreams) {}

  /** Server-sent events `change` with `{topic, id}`; `reset` when something may have been missed; `end` when the session ended. */
  @May('self')
  @ApiProduces('text/event-stream')
  @Get()
  stream(@CurrentStaff() staff: Staff, @Req() request: Request, @Res() response: Response): void {
    this.streams.open(staff, response, request.get('last-event-id'));
  }
}
