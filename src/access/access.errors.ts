import { DomainError } from '../platform/errors/domain-error.js';

/** Nobody is signed in, or the session has ended. */
export const signedOut = (): DomainError => new DomainError('SIGNED_OUT', 'Sign in first');

/** One answer for an unknown account, a wrong password, a disabled account and an expired setup password. */
export const signInRefused = (): DomainError =>
  new DomainError('SIGN_IN_REFUSED', 'The e-mail address or the password is wrong');

export const codeRefused = (): DomainError =>
  new DomainError('CODE_REFUSED', 'The code is wrong, too old or was used already');

export const stepUpRequired = (): DomainError =>
  new DomainError('STEP_UP_REQUIRED', 'Enter a code of your second factor first: the last one is older than 5 minutes');

export const passwordChangeRequired = (): DomainError =>
  new DomainError('PASSWORD_CHANGE_REQUIRED', 'Choose a password of your own first');

export const crossSite = (): DomainError =>
  new DomainError('CROSS_SITE_REFUSED', 'The request does not come from this service’s own page');

export const tooMany = (retryAfterSeconds: number): DomainError =>
  new DomainError('RATE_LIMITED', 'Too many attempts: wait before the next one', {
    details: { retryAfterSeconds },
    retryable: true,
  });

export const passwordRejected = (why: string): DomainError => new DomainError('PASSWORD_INVALID', why);
