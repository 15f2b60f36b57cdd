import { Body, Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { isOwnPage, PublicUrl } from '../platform/http/public-url.js';
import { crossSite, signedOut } from './access.errors.js';
import {
  codeStep,
  enrolmentStart,
  me,
  type Me,
  nextStep,
  passwordChange,
  passwordStep,
  recoveryCodes,
} from './access.schema.js';
import type { SignedInRequest } from './access.guard.js';
import { EnrolmentService, type EnrolmentStart } from './enrolment.service.js';
import { May, Public } from './may.decorator.js';
import { PasswordService } from './password.service.js';
import { PERMISSIONS, type Permission, may } from './permissions.js';
import { clearSessionCookie, deviceToken, sessionToken, setDeviceCookie, setSessionCookie } from './session-cookie.js';
import { SecondFactorService } from './second-factor.service.js';
import { type Client, SessionService, type SignedIn } from './session.service.js';
import { SignInService } from './sign-in.service.js';

const UNFINISHED = 'on the way in: checks the unfinished session and the origin itself';

@ApiTags('Session')
@Controller('api/session')
export class SessionController {
  constructor(
    private readonly publicUrl: PublicUrl,
    private readonly signIn: SignInService,
    private readonly factors: SecondFactorService,
    private readonly enrolment: EnrolmentService,
    private readonly passwords: PasswordService,
    private readonly sessions: SessionService,
  ) {}

  @Public(UNFINISHED)
  @ApiResponse({ status: 200, standardSchema: nextStep })
  @HttpCode(200)
  @Post('password')
  async password(
    @Body({ schema: passwordStep }) body: z.infer<typeof passwordStep>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof nextStep>> {
    this.requireOwnOrigin(request);
    const { email, password } = body;
    const { next, token } = await this.signIn.password(email, password, clientOf(request), deviceToken(request));
    setSessionCookie(response, token);
    return { next };
  }

  @Public(UNFINISHED)
  @ApiResponse({ status: 200, standardSchema: me })
  @HttpCode(200)
  @Post('totp')
  async totp(
    @Body({ schema: codeStep }) { code }: z.infer<typeof codeStep>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Me> {
    this.requireOwnOrigin(request);
    const full = await this.factors.signIn(sessionToken(request), code, clientOf(request), deviceToken(request));
    setSessionCookie(response, full.token);
    setDeviceCookie(response, full.device);
    return this.meOf(await this.sessions.find(full.token, ['full']));
  }

  @Public(UNFINISHED)
  @ApiResponse({ status: 200, standardSchema: enrolmentStart })
  @HttpCode(200)
  @Post('enrol/start')
  async enrolStart(@Req() request: Request): Promise<EnrolmentStart> {
    this.requireOwnOrigin(request);
    return this.enrolment.start(sessionToken(request));
  }

  @Public(UNFINISHED)
  @ApiResponse({ status: 200, standardSchema: recoveryCodes })
  @HttpCode(200)
  @Post('enrol/finish')
  async enrolFinish(
    @Body({ schema: codeStep }) { code }: z.infer<typeof codeStep>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof recoveryCodes>> {
    this.requireOwnOrigin(request);
    const end = await this.enrolment.finish(sessionToken(request), code, clientOf(request));
    setSessionCookie(response, end.token);
    return { recoveryCodes: [...end.recoveryCodes] };
  }

  @May('self')
  @ApiResponse({ status: 204 })
  @HttpCode(204)
  @Post('step-up')
  async stepUp(
    @Body({ schema: codeStep }) { code }: z.infer<typeof codeStep>,
    @Req() request: SignedInRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const token = await this.factors.stepUp(signedIn(request), code, clientOf(request), deviceToken(request));
    setSessionCookie(response, token);
  }

  @May('self')
  @ApiResponse({ status: 200, standardSchema: me })
  @Get()
  current(@Req() request: SignedInRequest): Me {
    return this.meOf(request.signedIn);
  }

  @May('self')
  @ApiResponse({ status: 204, description: 'Signed out everywhere' })
  @HttpCode(204)
  @Delete()
  async signOut(@Req() request: SignedInRequest, @Res({ passthrough: true }) response: Response): Promise<void> {
    await this.sessions.signOut(signedIn(request).account.id, clientOf(request));
    clearSessionCookie(response);
    response.setHeader('Clear-Site-Data', '"storage"');
  }

  @May('self', { stepUp: true })
  @ApiResponse({ status: 204, description: 'Changed; signed out everywhere' })
  @HttpCode(204)
  @Post('password-change')
  async passwordChange(
    @Body({ schema: passwordChange }) body: z.infer<typeof passwordChange>,
    @Req() request: SignedInRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const passwords = { current: body.currentPassword, next: body.newPassword };
    await this.passwords.change(signedIn(request).account, passwords, clientOf(request), deviceToken(request));
    clearSessionCookie(response);
  }

  private requireOwnOrigin(request: Request): void {
    if (!isOwnPage(request.headers, this.publicUrl.origin)) throw crossSite();
  }

  private meOf(found: SignedIn | undefined): Me {
    if (found === undefined) throw signedOut();
    const { account, session, mustChangePassword } = found;
    const permissions = (Object.keys(PERMISSIONS) as Permission[]).filter((each) => may(account.roles, each));
    return {
      id: account.id,
      name: account.name,
      email: account.email,
      roles: [...account.roles],
      permissions,
      tenants: account.tenants === 'all' ? 'all' : [...account.tenants],
      csrfToken: this.sessions.csrfToken(session.id),
      lastFactorAt: session.lastFactorAt?.toISOString() ?? null,
      mustChangePassword,
      expiresAt: session.expiresAt.toISOString(),
    };
  }
}

function signedIn(request: SignedInRequest): SignedIn {
  if (request.signedIn === undefined) throw signedOut();
  return request.signedIn;
}

function clientOf(request: Request): Client {
  return { ip: request.ip ?? 'unknown', userAgent: request.get('user-agent') ?? '' };
}
