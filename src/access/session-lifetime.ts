const MINUTE_MS = 60_000;

export const IDLE_MS = 30 * MINUTE_MS;
export const ABSOLUTE_MS = 12 * 60 * MINUTE_MS;
/** Between password and second factor. */
export const UNFINISHED_MS = 10 * MINUTE_MS;
const ROTATE_AFTER_MS = 60 * MINUTE_MS;
/** Requests under way with the old cookie when it is rotated still count. */
export const ROTATION_GRACE_MS = MINUTE_MS;
/** Activity is written down no more often than this. */
const TOUCH_AFTER_MS = 30_000;
export const STEP_UP_MS = 5 * MINUTE_MS;

export interface SessionTimes {
  readonly lastSeenAt: Date;
  readonly rotatedAt: Date;
  readonly expiresAt: Date;
  readonly lastFactorAt: Date | null;
}

/** Whether the session has not ended: neither idle for 30 minutes nor past its absolute end. */
export function isLive(times: Pick<SessionTimes, 'lastSeenAt' | 'expiresAt'>, now: Date): boolean {
  return now < times.expiresAt && now.getTime() - times.lastSeenAt.getTime() < IDLE_MS;
}

export const isRotationDue = (times: SessionTimes, now: Date): boolean =>
  now.getTime() - times.rotatedAt.getTime() >= ROTATE_AFTER_MS;

export const isTouchDue = (times: SessionTimes, now: Date): boolean =>
  now.getTime() - times.lastSeenAt.getTime() >= TOUCH_AFTER_MS;

/** Whether the second factor was shown recently enough for a dangerous action. */
export const isFactorFresh = (times: Pick<SessionTimes, 'lastFactorAt'>, now: Date): boolean =>
  times.lastFactorAt !== null && now.getTime() - times.lastFactorAt.getTime() < STEP_UP_MS;
