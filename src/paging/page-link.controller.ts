import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { DateTime } from 'luxon';
import { Public } from '../access/may.decorator.js';
import { PublicUrl } from '../platform/http/public-url.js';
import { sendLinkPage } from '../platform/mail/link-page.js';
import { AcknowledgementService, type LinkedPage } from './acknowledgement.service.js';
import { isRunning } from './page.js';
import { PagingTexts } from './paging-texts.js';

/** What the link in a page's mail opens. Mail scanners open links too, so that looking changes nothing. */
@ApiExcludeController()
@Controller('page')
export class PageLinkController {
  constructor(
    private readonly acknowledgement: AcknowledgementService,
    private readonly texts: PagingTexts,
    private readonly publicUrl: PublicUrl,
  ) {}

  @Get(':token')
  @Public('the token, of 256 bits, names its page and its recipient')
  async look(@Param('token') token: string, @Res() response: Response): Promise<void> {
    this.#show(response, await this.acknowledgement.look(token));
  }

  @Post(':token')
  @Public('the token, of 256 bits, names its page and its recipient')
  async acknowledge(@Param('token') token: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.acknowledgement.byLink(token, request.ip ?? '');
    this.#show(response, await this.acknowledgement.look(token));
  }

  #show(response: Response, found: LinkedPage | undefined): void {
    if (found === undefined) {
      sendLinkPage(response, this.texts.acknowledge, { title: 'Link not valid', unknown: true }, 404);
      return;
    }
    const { page, staffName } = found;
    sendLinkPage(response, this.texts.acknowledge, {
      title: `${page.number} ${page.severity}`,
      number: page.number,
      severity: page.severity,
      staffName,
      isOpen: isRunning(page),
      acknowledgedBy: page.state === 'acknowledged' ? page.acknowledgedBy?.name : undefined,
      acknowledgedAt:
        page.acknowledgedAt === null
          ? undefined
          : DateTime.fromJSDate(page.acknowledgedAt, { zone: 'utc' }).toFormat("d LLL yyyy, HH:mm 'UTC'"),
      isOver: page.state === 'expired',
      incidentLink: this.publicUrl.href(`/incidents/${page.incidentId}`),
    });
  }
}
