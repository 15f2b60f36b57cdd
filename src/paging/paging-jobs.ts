import { z } from 'zod';
import { jobKind } from '../platform/jobs/jobs.js';

/** Sends one attempt. Few tries: what cannot be sent soon is given up, and the escalation goes on without it. */
export const sendPage = jobKind({
  name: 'paging.send',
  payload: z.object({ attemptId: z.uuid() }),
  maxAttempts: 5,
});
