import type { Role } from './permissions.js';

export type AccountState = 'invited' | 'active' | 'disabled';

/** A member of staff as stored; secrets lie elsewhere. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** `invited` until a second factor is enrolled. */
  readonly state: AccountState;
  readonly roles: readonly Role[];
  readonly tenants: 'all' | readonly string[];
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
  readonly version: number;
}

export interface Credentials {
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  /** The password was set by another person and its time to be used is over. */
  readonly isSetupOver: boolean;
  readonly totpSealed: string | null;
  readonly totpPendingSealed: string | null;
  readonly lastTotpStep: number;
}

/** E-mail addresses are compared without case. */
export const normaliseEmail = (email: string): string => email.trim().normalize('NFKC').toLowerCase();
