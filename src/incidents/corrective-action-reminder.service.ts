import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { PublicUrl } from '../platform/http/public-url.js';
import { JobRunner } from '../platform/jobs/job-runner.js';
import { addJob } from '../platform/jobs/jobs.js';
import { oneLine } from '../platform/mail/mail.js';
import { Mailer } from '../platform/mail/mailer.js';
import { reminderDue, type CorrectiveAction, type ReminderStage } from './corrective-action.js';
import { CorrectiveActionRepository } from './corrective-action.repository.js';
import { remindCorrectiveAction } from './incident-jobs.js';
import { IncidentRepository } from './incident.repository.js';
import type { Incident } from './incident.js';
import { StaffDirectoryRepository, type StaffMember } from './staff-directory.repository.js';

const OPENINGS: Readonly<Record<ReminderStage, string>> = {
  week: 'is due within a week',
  day: 'is due tomorrow',
  due: 'is due today',
  overdue: 'is overdue',
  escalated: 'is overdue by a week or more',
};

/** Reminds owners of corrective actions before and after the due day; a week late, the commander hears of it too. */
@Injectable()
export class CorrectiveActionReminderService implements OnModuleInit {
  constructor(
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly jobs: JobRunner,
    private readonly mailer: Mailer,
    private readonly publicUrl: PublicUrl,
    private readonly actions: CorrectiveActionRepository,
    private readonly incidents: IncidentRepository,
    private readonly staff: StaffDirectoryRepository,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(remindCorrectiveAction, ({ actionId, stage }, run) => this.remind(actionId, stage, run.id));
  }

  /** Adds the reminders that are due today; each stage goes out once. */
  async sweep(): Promise<void> {
    const today = this.clock.now().toISOString().slice(0, 10);
    const horizon = new Date(this.clock.nowMs() + 8 * 86_400_000).toISOString().slice(0, 10);
    await this.database.transaction(system('incident-sweep'), async (tx) => {
      for (const action of await this.actions.takeOpenDueBefore(tx, horizon)) {
        const stage = reminderDue(action, today);
        if (stage === null) continue;
        await this.actions.save(tx, { ...action, lastReminder: stage });
        await addJob(tx, remindCorrectiveAction, { actionId: action.id, stage });
      }
    });
  }

  /** Mails the owner, and the commander where the stage says so. A retry keeps the Message-IDs. */
  async remind(actionId: string, stage: ReminderStage, idempotencyKey: string): Promise<void> {
    const found = await this.database.transaction(system('incident-sweep'), async (tx) => {
      const action = await this.actions.lock(tx, actionId);
      if (action?.state !== 'open') return undefined;
      const incident = await this.incidents.find(tx, action.incidentId);
      const wanted = new Set([action.owner.id]);
      if (stage === 'escalated' && incident?.commander) wanted.add(incident.commander.id);
      const recipients = (await this.staff.list(tx)).filter(({ id }) => wanted.has(id));
      return incident === undefined ? undefined : { action, incident, recipients };
    });
    if (found === undefined) return;
    for (const recipient of found.recipients)
      await this.mail(found.action, found.incident, recipient, stage, idempotencyKey);
  }

  private async mail(
    action: CorrectiveAction,
    incident: Incident,
    to: StaffMember,
    stage: ReminderStage,
    idempotencyKey: string,
  ): Promise<void> {
    // A restricted incident's mail names nothing but its number.
    const title = incident.isRestricted ? 'a corrective action' : oneLine(action.title);
    await this.mailer.send({
      kind: 'reminder',
      messageId: `reminder.${idempotencyKey}.${to.id}@${this.mailer.domain}`,
      to: { name: to.name, address: to.email },
      subject: `[${incident.number}] ${title} ${OPENINGS[stage]}`,
      text: [
        `${title} (${incident.number}, with ${action.owner.name}) ${OPENINGS[stage]}: ${action.dueOn}.`,
        `Incident: ${this.publicUrl.href(`/incidents/${incident.id}`)}`,
        ...(incident.isRestricted ? [] : [`Tracker: ${action.trackerUrl}`]),
      ].join('\n\n'),
      autoSubmitted: 'auto-generated',
    });
  }
}
