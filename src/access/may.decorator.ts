import { createParamDecorator, SetMetadata, type CustomDecorator, type ExecutionContext } from '@nestjs/common';
import type { Permission } from './permissions.js';
import type { Staff } from './staff.js';

export const ACCESS_METADATA = 'silowatch:access';

export type RouteAccess =
  | { readonly kind: 'permission'; readonly permission: Permission; readonly needsStepUp: boolean }
  /** No session; the route checks its own token or shows nothing that needs one. `reason` says which. */
  | { readonly kind: 'public'; readonly reason: string };

/** What a route needs. A route without this or `Public` does not start. `stepUp`: the second factor again if older than 5 minutes. */
export const May = (permission: Permission, options: { stepUp?: boolean } = {}): CustomDecorator =>
  SetMetadata(ACCESS_METADATA, {
    kind: 'permission',
    permission,
    needsStepUp: options.stepUp ?? false,
  } satisfies RouteAccess);

export const Public = (reason: string): CustomDecorator =>
  SetMetadata(ACCESS_METADATA, { kind: 'public', reason } satisfies RouteAccess);

/** The signed-in member of staff; the guard has put it on the request. */
export const CurrentStaff = createParamDecorator((_: unknown, context: ExecutionContext): Staff => {
  const request = context.switchToHttp().getRequest<{ staff?: Staff }>();
  if (request.staff === undefined) throw new Error('CurrentStaff on a public route');
  return request.staff;
});
