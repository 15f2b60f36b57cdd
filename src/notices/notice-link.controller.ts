import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../access/may.decorator.js';
import { sendLinkPage } from '../platform/mail/link-page.js';
import { NoticePage } from './notice-page.service.js';
import { NoticeTexts } from './notice-texts.js';

/** What the link in a customer's mail opens. Looking changes nothing. */
@ApiExcludeController()
@Controller('notice')
export class NoticeLinkController {
  constructor(
    private readonly page: NoticePage,
    private readonly texts: NoticeTexts,
  ) {}

  @Get(':token')
  @Public('the token, of 256 bits, names one delivery of one notice')
  async look(@Param('token') token: string, @Res() response: Response): Promise<void> {
    const view = await this.page.look(token);
    const unknown = { title: 'Link not valid', unknown: true };
    sendLinkPage(response, this.texts.page, view ?? unknown, view === undefined ? 404 : 200);
  }

  @Post(':token')
  @Public('the token, of 256 bits, names one delivery of one notice')
  async confirm(@Param('token') token: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.page.confirm(token, request.ip ?? '');
    await this.look(token, response);
  }
}
