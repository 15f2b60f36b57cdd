import { z } from 'zod';
import { jobKind } from '../platform/jobs/jobs.js';

/** The automatic answer. The address is the mail's Return-Path, which is not always the sender's: it is no secret. */
export const acknowledgeReport = jobKind({
  name: 'disclosure.acknowledge',
  payload: z.object({ reportId: z.uuid(), to: z.string(), inReplyTo: z.string().nullable() }),
  maxAttempts: 8,
});

/** Sends a message that a person wrote, or one about a change of state. */
export const sendReportMessage = jobKind({
  name: 'disclosure.send',
  payload: z.object({ messageId: z.uuid() }),
  maxAttempts: 10,
});
