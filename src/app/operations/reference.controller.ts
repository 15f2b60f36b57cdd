import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../../access/may.decorator.js';
import { cspNonce } from '../../platform/http/request-context.js';
import { sendPlainPage } from '../../platform/http/security-headers.js';
import { ApiDocument } from './api-document.js';
import { renderReference } from './reference-page.js';

@ApiExcludeController()
@Controller('api')
export class ReferenceController {
  constructor(private readonly document: ApiDocument) {}

  @Public('describes the API, holds no data')
  @Get('openapi.json')
  openApi(): OpenAPIObject {
    return this.document.get();
  }

  @Public('describes the API, holds no data')
  @Get()
  reference(@Res() response: Response): void {
    sendPlainPage(response, renderReference(this.document.get(), cspNonce(response)));
  }
}
