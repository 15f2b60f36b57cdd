/** What a hook is asked to do. `kind` and `target` are of Silowatch's catalogue. */
export interface HookRequest {
  readonly kind: string;
  readonly target: Readonly<Record<string, unknown>>;
  /** Ends by itself after so many milliseconds, where the command says so. */
  readonly durationMs: number | null;
  readonly commandId: string;
  readonly incident: string;
}

/** An OpenC2 status (200 done, 500 failed, …) with a sentence. */
export interface HookAnswer {
  readonly status: number;
  readonly statusText: string;
}

/** Does one kind of action inside the silo. A throw is answered 500. */
export type Hook = (request: HookRequest) => Promise<HookAnswer>;

export type Hooks = Readonly<Record<string, Hook>>;
