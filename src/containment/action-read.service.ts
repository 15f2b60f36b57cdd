import { Injectable } from '@nestjs/common';
import { scopeOf, type Staff } from '../access/staff.js';
import { IncidentDeskService } from '../incidents/incident-desk.service.js';
import { Database } from '../platform/database/database.js';
import { ContainmentStateService } from './containment-state.service.js';

/** Actions as staff see them: those of the silos their account sees. */
@Injectable()
export class ActionReadService {
  constructor(
    private readonly database: Database,
    private readonly desk: IncidentDeskService,
    private readonly state: ContainmentStateService,
  ) {}

  async ofIncident(
    staff: Staff,
    incidentId: string,
  ): Promise<{ readonly items: readonly unknown[]; readonly nextCursor: null }> {
    await this.desk.look(staff, incidentId);
    const items = await this.database.transaction(scopeOf(staff), (tx) => this.state.list(tx, incidentId));
    return { items, nextCursor: null };
  }
}
