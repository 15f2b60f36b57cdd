import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../../access/may.decorator.js';
import { Config } from '../../platform/config/config.js';
import { forbidden } from '../../platform/errors/domain-error.js';
import { httpConfig } from '../../platform/http/http.config.js';
import { Readiness } from '../../platform/http/readiness.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { mayReadMetrics } from './metrics-access.js';

/** For probes and Prometheus. */
@ApiExcludeController()
@Controller()
export class OperationsController {
  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
    private readonly config: Config,
  ) {}

  @Public('says only that the process lives')
  @Get('healthz')
  health(): { status: 'alive' } {
    return { status: 'alive' };
  }

  @Public('names the servers that answer, nothing else')
  @Get('readyz')
  async ready(@Res({ passthrough: true }) response: Response): Promise<object> {
    const { isReady, checks } = await this.readiness.report();
    response.status(isReady ? 200 : 503);
    return { status: isReady ? 'ready' : 'not ready', checks };
  }

  @Public('from loopback or with the metrics token')
  @Get('metrics')
  async main(@Req() request: Request, @Res() response: Response): Promise<void> {
    this.requireReader(request);
    response.type(this.metrics.main.contentType).send(await this.metrics.main.metrics());
  }

  @Public('from loopback or with the metrics token')
  @Get('metrics/silos')
  async perSilo(@Req() request: Request, @Res() response: Response): Promise<void> {
    this.requireReader(request);
    response.type(this.metrics.perSilo.contentType).send(await this.metrics.perSilo.metrics());
  }

  private requireReader(request: Request): void {
    const token = this.config.get(httpConfig).METRICS_TOKEN?.reveal();
    const asked = { headers: request.headers, clientAddress: request.socket.remoteAddress };
    if (!mayReadMetrics(asked, token)) throw forbidden('Metrics need a loopback client or the metrics token');
  }
}
