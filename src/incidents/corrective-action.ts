/** What is to be done so that it does not happen again; lives on after its incident is closed, until done and verified. */
export interface CorrectiveAction {
  readonly id: string;
  readonly incidentId: string;
  readonly title: string;
  readonly owner: { readonly id: string; readonly name: string };
  /** Calendar day, `YYYY-MM-DD`. */
  readonly dueOn: string;
  readonly trackerUrl: string;
  readonly state: 'open' | 'done' | 'verified';
  readonly doneBy: string | null;
  readonly doneAt: Date | null;
  readonly verifiedBy: string | null;
  readonly verifiedAt: Date | null;
  /** The last reminder that was sent, so that none goes out twice. */
  readonly lastReminder: ReminderStage | null;
  readonly createdAt: Date;
  readonly version: number;
}

export const REMINDER_STAGES = ['week', 'day', 'due', 'overdue', 'escalated'] as const;
export type ReminderStage = (typeof REMINDER_STAGES)[number];

/** Days from the due day at which each reminder goes out; `escalated` goes to the commander too. */
const STAGE_DAYS: Readonly<Record<ReminderStage, number>> = { week: -7, day: -1, due: 0, overdue: 3, escalated: 7 };

/** The latest reminder that is due on `today` and was not sent: after an outage one mail, not five. */
export function reminderDue(
  action: Pick<CorrectiveAction, 'dueOn' | 'state' | 'lastReminder' | 'createdAt'>,
  today: string,
): ReminderStage | null {
  if (action.state !== 'open') return null;
  const days = (Date.parse(today) - Date.parse(action.dueOn)) / 86_400_000;
  const sent = action.lastReminder === null ? -1 : REMINDER_STAGES.indexOf(action.lastReminder);
  const stage = REMINDER_STAGES.filter((one, i) => i > sent && STAGE_DAYS[one] <= days).at(-1);
  if (stage === undefined) return null;
  // Whoever wrote it down with three days to go need not be told at once that it is due within a week.
  const createdToday = action.createdAt.toISOString().slice(0, 10) === today;
  return createdToday && days < 0 ? null : stage;
}

/** Why a person may not move the action to the state, or null if they may. */
export function whyNotTransition(
  action: Pick<CorrectiveAction, 'state' | 'doneBy' | 'owner'>,
  to: CorrectiveAction['state'],
  staffId: string,
): string | null {
  if (to === action.state) return `The corrective action is ${to} already`;
  if (to === 'verified' && action.state !== 'done') return 'It is verified only after it was done';
  if (to === 'verified' && action.doneBy === staffId) return 'Someone other than who did it verifies it';
  return null;
}
