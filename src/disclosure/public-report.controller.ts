import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { Public } from '../access/may.decorator.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { PublicUrl } from '../platform/http/public-url.js';
import { sendLinkPage } from '../platform/mail/link-page.js';
import { mailConfig } from '../platform/mail/mail.config.js';
import { disclosureConfig } from './disclosure.config.js';
import { formBody } from './disclosure.schema.js';
import { DisclosureTexts } from './disclosure-texts.js';
import { ReportForm } from './report-form.service.js';
import { securityTxt } from './security-txt.js';

/** What researchers find without an account. */
@ApiExcludeController()
@Controller()
export class PublicReportController {
  constructor(
    private readonly form: ReportForm,
    private readonly texts: DisclosureTexts,
    private readonly publicUrl: PublicUrl,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  @Get('.well-known/security.txt')
  @Public('RFC 9116: whoever finds a weakness looks here')
  security(@Res() response: Response): void {
    const text = securityTxt(
      {
        address: this.config.get(mailConfig).SECURITY_ADDRESS,
        formUrl: this.publicUrl.href('/report'),
        canonicalUrl: this.publicUrl.href('/.well-known/security.txt'),
        policyUrl: this.config.get(disclosureConfig).DISCLOSURE_POLICY_URL,
      },
      this.clock.now(),
    );
    response.type('text/plain; charset=utf-8').send(text);
  }

  @Get('report')
  @Public('an empty form')
  show(@Res() response: Response): void {
    this.#form(response, {});
  }

  @Post('report')
  @Public('anybody may report a weakness; the number a day and the size are limited')
  async submit(
    @Body({ schema: formBody }) body: z.output<typeof formBody>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const submitted = await this.form.submit(body, request.ip ?? '');
    if (!submitted.ok) this.#form(response, { ...body, problem: submitted.problem }, 422);
    else await this.#page(response, submitted.token, true);
  }

  @Get('report/:token')
  @Public('the token, of 256 bits, names one report')
  async look(@Param('token') token: string, @Res() response: Response): Promise<void> {
    await this.#page(response, token, false);
  }

  #form(response: Response, view: object, status = 200): void {
    const { COMPANY_NAME: company, SECURITY_ADDRESS: address } = this.config.get(mailConfig);
    sendLinkPage(response, this.texts.form, { title: 'Report a weakness', company, address, ...view }, status);
  }

  async #page(response: Response, token: string, isNew: boolean): Promise<void> {
    const view = await this.form.look(token, isNew);
    const address = this.config.get(mailConfig).SECURITY_ADDRESS;
    const unknown = { title: 'Link not valid', unknown: true, address };
    sendLinkPage(response, this.texts.page, view ?? unknown, view === undefined ? 404 : 200);
  }
}
