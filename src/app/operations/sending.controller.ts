import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { CurrentStaff, May } from '../../access/may.decorator.js';
import { type Staff } from '../../access/staff.js';
import { sendingSchema, type SendingView } from './sending.schema.js';
import { SendingService } from './sending.service.js';

/** Whether anything leaves the house: after a restore of the database nothing does until a person says so. */
@ApiTags('operations')
@Controller('api/sending')
export class SendingController {
  constructor(private readonly sending: SendingService) {}

  @Get()
  @May('security.see')
  @ApiResponse({ status: 200, standardSchema: sendingSchema })
  state(): Promise<SendingView> {
    return this.sending.state();
  }

  @Post('resume')
  @HttpCode(200)
  @May('settings.change', { stepUp: true })
  @ApiResponse({ status: 200, standardSchema: sendingSchema })
  resume(@CurrentStaff() staff: Staff): Promise<SendingView> {
    return this.sending.resume(staff);
  }
}
