import { z } from 'zod';

/** How often a database has been written by a running service: within one database (`id`) the count only grows. */
export interface DatabaseLife {
  readonly id: string;
  readonly beats: number;
}

const written = z.object({ id: z.uuid(), beats: z.number().int().nonnegative() });

export const writeLife = ({ id, beats }: DatabaseLife): string => `${JSON.stringify({ id, beats })}\n`;

/** Undefined for a text that was not written by `writeLife`, such as one that a crash cut off. */
export function readLife(text: string): DatabaseLife | undefined {
  try {
    return written.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether the same database stood further before: then it was restored, and does not know what was done since. */
export const wasSetBack = (remembered: DatabaseLife | undefined, found: DatabaseLife): boolean =>
  remembered?.id === found.id && found.beats < remembered.beats;
