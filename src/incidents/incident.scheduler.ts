import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Log } from '../platform/logging/logging.js';
import { CorrectiveActionReminderService } from './corrective-action-reminder.service.js';
import { IncidentSweepService } from './incident-sweep.service.js';

@Injectable()
export class IncidentScheduler {
  #isSweeping = false;

  constructor(
    private readonly sweeps: IncidentSweepService,
    private readonly reminders: CorrectiveActionReminderService,
    private readonly log: Log,
  ) {}

  @Interval(1_000)
  async look(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    await this.#guarded('incidents.sweep_failed', async () => {
      while (await this.sweeps.sweep());
    });
    this.#isSweeping = false;
  }

  @Interval(5_000)
  measure(): Promise<void> {
    return this.#guarded('incidents.measure_failed', () => this.sweeps.measure());
  }

  @Interval(600_000)
  remind(): Promise<void> {
    return this.#guarded('incidents.reminders_failed', () => this.reminders.sweep());
  }

  async #guarded(event: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.log.warn({ event, error }, 'a sweep over incidents failed; the next one tries again');
    }
  }
}
