import { z } from 'zod';

/** What one process can do. `api`: HTTP for people; `respond`: jobs, sweeps and the mailbox. */
export const SERVICE_ROLES = ['api', 'detect', 'correlate', 'respond'] as const;
export type ServiceRole = (typeof SERVICE_ROLES)[number];

export const rolesConfig = z.object({
  SILOWATCH_ROLES: z
    .string()
    .default(SERVICE_ROLES.join(','))
    .transform((text, context): readonly ServiceRole[] => {
      const names = text.split(',').map((part) => part.trim());
      const wrong = names.find((name) => !(SERVICE_ROLES as readonly string[]).includes(name));
      if (wrong !== undefined) {
        context.addIssue({ code: 'custom', message: `"${wrong}" is not one of ${SERVICE_ROLES.join(', ')}` });
      }
      return names as ServiceRole[];
    })
    .meta({
      description: 'What this process runs, separated by commas: api, detect, correlate, respond',
      example: 'api,respond',
    }),
});

/** Which roles this process has; stages and sweeps ask before they start. */
export class ServiceRoles {
  readonly #roles: ReadonlySet<ServiceRole>;
  constructor(roles: readonly ServiceRole[]) {
    this.#roles = new Set(roles);
  }
  has(role: ServiceRole): boolean {
    return this.#roles.has(role);
  }
  list(): readonly ServiceRole[] {
    return [...this.#roles];
  }
}
