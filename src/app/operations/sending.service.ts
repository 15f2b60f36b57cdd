import { Injectable } from '@nestjs/common';
import { type Staff } from '../../access/staff.js';
import { TrailRepository } from '../../access/trail.repository.js';
import { Database } from '../../platform/database/database.js';
import { system } from '../../platform/database/scope.js';
import { SendingPause } from '../../platform/restore/sending-pause.js';
import { type SendingView } from './sending.schema.js';

@Injectable()
export class SendingService {
  constructor(
    private readonly database: Database,
    private readonly pause: SendingPause,
    private readonly trail: TrailRepository,
  ) {}

  async state(): Promise<SendingView> {
    const paused = await this.database.transaction(system('operator'), (tx) => this.pause.state(tx));
    return { paused: paused === undefined ? null : { since: paused.since.toISOString(), reason: paused.reason } };
  }

  async resume(staff: Staff): Promise<SendingView> {
    await this.database.transaction(system('operator'), async (tx) => {
      if (!(await this.pause.resume(tx))) return;
      const actor = { kind: 'staff' as const, id: staff.id, ip: staff.ip };
      await this.trail.record(tx, { actor, action: 'sending.resume', object: { type: 'service', id: 'sending' } });
    });
    return { paused: null };
  }
}
