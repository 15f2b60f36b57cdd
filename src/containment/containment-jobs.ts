import { z } from 'zod';
import { jobKind } from '../platform/jobs/jobs.js';

/** Signs the action's command and puts it on the silo's commands. A repeat is harmless: agents act once per action. */
export const sendCommand = jobKind({
  name: 'containment.send',
  payload: z.object({ actionId: z.uuid() }),
  maxAttempts: 10,
});
