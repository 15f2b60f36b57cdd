import { Controller, Get, Post, Put, Req, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiExcludeEndpoint,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../../access/may.decorator.js';
import { STREAMS } from '../../platform/event-log/topics.js';
import { FORMAT_NAMES } from '../formats/parsed-record.js';
import { ELASTICSEARCH_HEALTH, ELASTICSEARCH_INFO, ELASTICSEARCH_LICENSE, HEC_HEALTH } from './answers.js';
import { BULK, HEC_EVENTS, HEC_RAW, IntakeHttp, LINES, OTLP } from './intake-http.service.js';
import { bulkAnswerSchema, hecAnswerSchema, linesAnswerSchema, otlpAnswerSchema } from './intake.schema.js';

const TEXT = { schema: { type: 'string' } } as const;

/** Where silos send that do not speak Kafka. The token says whose records they are. */
@ApiTags('intake')
@ApiBearerAuth('intake')
@ApiParam({ name: 'stream', enum: STREAMS })
@ApiResponse({ status: 429, description: 'Too much at once: send the same again after Retry-After' })
@ApiResponse({ status: 503, description: 'The log did not acknowledge, or tokens cannot be read: send the same again' })
@Public('the silo token decides, which the intake checks itself')
@Controller('intake/:stream')
export class IntakeController {
  constructor(private readonly http: IntakeHttp) {}

  @Post()
  @ApiOperation({ summary: 'Records as lines of text, as NDJSON, as one JSON object or as an array; gzip is unpacked' })
  @ApiConsumes('text/plain', 'application/x-ndjson', 'application/json')
  @ApiBody(TEXT)
  @ApiQuery({ name: 'format', required: false, enum: FORMAT_NAMES })
  @ApiResponse({ status: 200, standardSchema: linesAnswerSchema })
  lines(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.take(request, response, LINES);
  }

  @Post('v1/logs')
  @ApiOperation({ summary: 'OTLP/HTTP logs, for OpenTelemetry exporters with the endpoint /intake/{stream}' })
  @ApiConsumes('application/x-protobuf', 'application/json')
  @ApiBody(TEXT)
  @ApiResponse({ status: 200, standardSchema: otlpAnswerSchema })
  otlp(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.take(request, response, OTLP);
  }

  @Post('_bulk')
  @ApiOperation({ summary: 'Elasticsearch _bulk, for shippers with the host /intake/{stream}; index and create' })
  @ApiConsumes('application/x-ndjson')
  @ApiBody(TEXT)
  @ApiResponse({ status: 200, standardSchema: bulkAnswerSchema })
  bulk(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.take(request, response, BULK);
  }

  @Post('services/collector/event')
  @ApiOperation({ summary: 'Splunk HEC events; without acknowledgement ids, since the answer waits for the log' })
  @ApiConsumes('application/json')
  @ApiBody(TEXT)
  @ApiResponse({ status: 200, standardSchema: hecAnswerSchema })
  hecEvents(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.take(request, response, HEC_EVENTS);
  }

  @Post('services/collector/raw')
  @ApiOperation({ summary: 'Splunk HEC raw: lines of text' })
  @ApiConsumes('text/plain')
  @ApiBody(TEXT)
  @ApiResponse({ status: 200, standardSchema: hecAnswerSchema })
  hecRaw(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.take(request, response, HEC_RAW);
  }

  // Other names of the same, and what shippers ask before they send.

  @Post(':index/_bulk')
  @ApiExcludeEndpoint()
  indexBulk(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.take(request, response, BULK);
  }

  @Put(['_bulk', ':index/_bulk'])
  @ApiExcludeEndpoint()
  putBulk(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.take(request, response, BULK);
  }

  @Post(['services/collector', 'services/collector/event/1.0'])
  @ApiExcludeEndpoint()
  hecEventsToo(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.take(request, response, HEC_EVENTS);
  }

  @Post('services/collector/raw/1.0')
  @ApiExcludeEndpoint()
  hecRawToo(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.take(request, response, HEC_RAW);
  }

  @Get(['services/collector/health', 'services/collector/health/1.0'])
  @ApiExcludeEndpoint()
  hecHealth(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.tell(request, response, HEC_HEALTH);
  }

  @Get()
  @ApiExcludeEndpoint()
  info(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.tell(request, response, ELASTICSEARCH_INFO);
  }

  @Get('_license')
  @ApiExcludeEndpoint()
  license(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.tell(request, response, ELASTICSEARCH_LICENSE);
  }

  @Get('_cluster/health')
  @ApiExcludeEndpoint()
  clusterHealth(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.http.tell(request, response, ELASTICSEARCH_HEALTH);
  }
}
