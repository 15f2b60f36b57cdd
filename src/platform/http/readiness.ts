export interface ReadinessReport {
  readonly isReady: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
}

const CHECK_TIMEOUT_MS = 3_000;

/** What /readyz asks. Rooms add a check for each server that they cannot work without. */
export class Readiness {
  readonly #checks = new Map<string, () => Promise<boolean>>();
  #isStopping = false;

  add(name: string, check: () => Promise<boolean>): void {
    this.#checks.set(name, check);
  }

  /** From now on not ready, so that load balancers send nothing more. */
  stopping(): void {
    this.#isStopping = true;
  }

  async report(): Promise<ReadinessReport> {
    const entries = await Promise.all(
      [...this.#checks].map(async ([name, check]) => [name, await withinTime(check)] as const),
    );
    return { isReady: !this.#isStopping && entries.every(([, isUp]) => isUp), checks: Object.fromEntries(entries) };
  }
}

async function withinTime(check: () => Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([check(), tooLate]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
