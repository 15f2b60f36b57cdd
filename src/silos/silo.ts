import { TENANT_PATTERN } from '../platform/event-log/topics.js';

/** What a customer's security contact is for. */
export const CONTACT_ROLES = ['security', 'legal', 'owner'] as const;
export type ContactRole = (typeof CONTACT_ROLES)[number];

export interface SiloContact {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly email: string;
  readonly role: ContactRole;
  /** Only verified contacts receive notices. */
  readonly isVerified: boolean;
}

/** A customer's silo. */
export interface Silo {
  /** The subdomain label; also in the names of its topics. */
  readonly tenant: string;
  readonly name: string;
  readonly state: 'active' | 'removed';
  /** Tells re-created topics of the same name apart; every making of a silo, or of a topic that it lacks, gets a new one. */
  readonly incarnation: number;
  /** IANA zone of logs that do not say one. */
  readonly timeZone: string;
  /** BCP 47; notices are written in it where there is a template. */
  readonly language: string;
  /** Codes that `regulations/*.yaml` name, e.g. `EU`, `US-CA`. */
  readonly jurisdictions: readonly string[];
  /** Hours within which the contract promises a first notice. */
  readonly noticeHours: number;
  /** Addresses or CIDR blocks of its proxies, whose X-Forwarded-For is believed in its access log. */
  readonly trustedProxies: readonly string[];
  /** Name of the format of its access log; null when it is told by shape. */
  readonly accessFormat: string | null;
  /** Likewise of its audit stream. */
  readonly auditFormat: string | null;
  readonly createdAt: Date;
}

/** Whether this can be a silo's subdomain label (RFC 1123 §2.1, lower case). */
export const isTenant = (text: string): boolean => TENANT_PATTERN.test(text);
