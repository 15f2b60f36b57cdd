import { z } from 'zod';

export const sendingSchema = z
  .object({ paused: z.object({ since: z.iso.datetime(), reason: z.string() }).nullable() })
  .meta({ id: 'Sending' });
export type SendingView = z.infer<typeof sendingSchema>;
