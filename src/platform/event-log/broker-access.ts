/** One right of a principal on the broker. */
export interface Grant {
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly operations: readonly ('read' | 'write' | 'describe')[];
}

/** Who may do what at the broker. Principals are those of silos; Silowatch's own is the operator's business. */
export abstract class BrokerAccess {
  /** Whether there are principals at all: the embedded log has none. */
  abstract readonly hasPrincipals: boolean;
  /** Gives the principal this password, making it if it is new (SCRAM-SHA-512; the broker stores no password). */
  abstract setPassword(principal: string, password: string): Promise<void>;
  /** Allows exactly these; repeating it changes nothing. */
  abstract grant(principal: string, grants: readonly Grant[]): Promise<void>;
  /** Takes away all rights and the password; an unknown principal is passed over. */
  abstract remove(principal: string): Promise<void>;
  abstract close(): Promise<void>;
}

/** The embedded log is reached by this process alone. */
export class NoBrokerAccess extends BrokerAccess {
  override readonly hasPrincipals = false;
  override setPassword(): Promise<void> {
    return Promise.resolve();
  }
  override grant(): Promise<void> {
    return Promise.resolve();
  }
  override remove(): Promise<void> {
    return Promise.resolve();
  }
  override close(): Promise<void> {
    return Promise.resolve();
  }
}
