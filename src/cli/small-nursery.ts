import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at the size it has. It would double it each time that much has survived, up to 96 MB in the
 * end, while a command that reads thousands of rules keeps most of what it makes: room that is filled once, never given
 * back, and no quicker. A V8 that knows no such flag grows as ever.
 */
export function keepNurserySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Lets it grow again. */
export function letNurseryGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
}
