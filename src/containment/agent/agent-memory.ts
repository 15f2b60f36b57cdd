import type { HookAnswer } from './hook.js';

/** What an agent must not forget over a restart: tokens it took, and decisions it carried out. */
export interface AgentMemory {
  /** False when the token was taken before. Durable when it resolves. */
  take(jti: string, expiresAtMs: number): Promise<boolean>;
  answerTo(decision: string): HookAnswer | undefined;
  /** Durable when it resolves. */
  remember(decision: string, answer: HookAnswer): Promise<void>;
}

/** For agents that live as long as their test or demo. */
export class VolatileMemory implements AgentMemory {
  readonly #tokens = new Set<string>();
  readonly #answers = new Map<string, HookAnswer>();

  take(jti: string): Promise<boolean> {
    const isNew = !this.#tokens.has(jti);
    this.#tokens.add(jti);
    return Promise.resolve(isNew);
  }

  answerTo(decision: string): HookAnswer | undefined {
    return this.#answers.get(decision);
  }

  remember(decision: string, answer: HookAnswer): Promise<void> {
    this.#answers.set(decision, answer);
    return Promise.resolve();
  }
}
