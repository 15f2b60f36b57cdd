import { z } from 'zod';
import { jobKind } from '../platform/jobs/jobs.js';

/** Sends one delivery; the queue's back-off stretches the tries over about six hours. */
export const sendNotice = jobKind({
  name: 'notices.send',
  payload: z.object({ deliveryId: z.uuid() }),
  maxAttempts: 10,
});
