import { generateSecret, generateURI, verifySync } from 'otplib';

const ISSUER = 'Silowatch';
/** A code of the period before or after is accepted, for clocks that differ (RFC 6238 §5.2). */
const TOLERANCE_SECONDS = 30;
/** RFC 4226 §4 asks for 160 bits. */
const SECRET_BYTES = 20;

/** A new secret, base32. */
export const newTotpSecret = (): string => generateSecret({ length: SECRET_BYTES });

/** What an authenticator application reads from the QR code. */
export const totpUri = (secret: string, email: string): string => generateURI({ issuer: ISSUER, label: email, secret });

/**
 * The time step of a valid code, or undefined. Steps up to `lastStep` are refused, so that a code that was seen over a shoulder or on
 * the wire cannot be used again. The caller stores the step.
 */
export function checkTotp(secret: string, code: string, now: Date, lastStep: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const epoch = Math.floor(now.getTime() / 1000);
  const options = lastStep > 0 ? { afterTimeStep: lastStep } : {};
  try {
    const result = verifySync({ secret, token: code, epoch, epochTolerance: TOLERANCE_SECONDS, ...options });
    return result.valid && 'timeStep' in result ? result.timeStep : undefined;
  } catch {
    // The library refuses a last step in the future (the clock was set back): no code is valid until then.
    return undefined;
  }
}
