import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { Clock } from '../platform/clock/clock.js';
import { forbidden } from '../platform/errors/domain-error.js';
import { isOwnPage, PublicUrl } from '../platform/http/public-url.js';
import { crossSite, passwordChangeRequired, signedOut, stepUpRequired } from './access.errors.js';
import { ACCESS_METADATA, type RouteAccess } from './may.decorator.js';
import { may } from './permissions.js';
import { sessionToken, setSessionCookie } from './session-cookie.js';
import { isFactorFresh } from './session-lifetime.js';
import { type SignedIn, SessionService } from './session.service.js';
import type { Staff } from './staff.js';

/** What the guard leaves on the request of a signed-in person. */
export interface SignedInRequest extends Request {
  staff?: Staff;
  signedIn?: SignedIn;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Sent with what the page does by itself (a live update): it does not keep an idle session alive. */
const BACKGROUND_HEADER = 'x-background';

/** Lets a request through when its route is public, or its session may do what the route declares. Everything else is refused. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly clock: Clock,
    private readonly sessions: SessionService,
    private readonly publicUrl: PublicUrl,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<RouteAccess | undefined>(ACCESS_METADATA, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access?.kind === 'public') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<SignedInRequest>();
    const isActivity = request.headers[BACKGROUND_HEADER] === undefined;
    const found = await this.sessions.find(sessionToken(request), ['full'], isActivity);
    if (found === undefined) throw signedOut();
    // Set even if the request is refused below: the old token ends in a minute.
    if (found.newToken !== undefined) setSessionCookie(http.getResponse<Response>(), found.newToken);
    // Before the checks, so that the log names who was refused.
    request.signedIn = found;
    request.staff = staffOf(found, request.ip ?? '');
    this.requireOwnPage(request, found);
    this.requireRight(access, found);
    return true;
  }

  /** SameSite cookies keep other sites out already; a subdomain's page or an old browser is stopped here. */
  private requireOwnPage(request: Request, found: SignedIn): void {
    if (SAFE_METHODS.has(request.method)) return;
    if (!isOwnPage(request.headers, this.publicUrl.origin)) throw crossSite();
    if (!this.sessions.isCsrfToken(found.session.id, request.get('x-csrf-token'))) throw crossSite();
  }

  private requireRight(access: RouteAccess | undefined, found: SignedIn): void {
    if (access?.kind !== 'permission') throw forbidden('This route declares no right');
    // One's own session and factors, even before a role is granted.
    const isOwn = access.permission === 'self';
    if (found.mustChangePassword && !isOwn) throw passwordChangeRequired();
    if (!isOwn && !may(found.account.roles, access.permission)) throw forbidden('Your roles do not allow this');
    if (access.needsStepUp && !isFactorFresh(found.session, this.clock.now())) throw stepUpRequired();
  }
}

export function staffOf({ account, session }: SignedIn, ip: string): Staff {
  const { id, name, email, roles, tenants } = account;
  return { id, name, email, roles, tenants, sessionId: session.id, ip };
}
