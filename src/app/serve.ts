import { createServer, type AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { type Config } from '../platform/config/config.js';
import { configureHttp } from '../platform/http/configure-http.js';
import { dashboardFiles } from '../platform/http/dashboard-files.js';
import { httpConfig, publicUrl } from '../platform/http/http.config.js';
import { PublicUrl } from '../platform/http/public-url.js';
import { Readiness } from '../platform/http/readiness.js';
import { NestLog } from '../platform/logging/nest-log.js';
import { AppModule } from './app.module.js';
import { ApiDocument } from './operations/api-document.js';
import { closePlatform, type Env, openPlatform, type OpenOptions, type OpenPlatform, readConfig } from './platform.js';
import { StartRefused } from './start-refused.js';

export interface Service {
  /** Where browsers reach it. */
  readonly url: string;
  readonly app: NestExpressApplication;
  readonly platform: OpenPlatform;
  /** Finishes what is in hand and closes everything; idempotent. */
  stop(): Promise<void>;
}

/** Starts the service; resolves when it listens. Throws StartRefused with one line a reason. */
export async function serve(env: Env, options: Omit<OpenOptions, 'as'> = {}): Promise<Service> {
  const config = readConfig(env);
  // Before anything is opened: a second start on the same port must not touch the first one's database.
  const port = await freePortFor(config);
  const platform = await openPlatform(config, { ...options, as: 'service' });
  const readiness = new Readiness();
  const url = new PublicUrl(publicUrl(config.get(httpConfig), port));
  try {
    const app = await startApp({ platform, readiness, publicUrl: url }, port);
    platform.log.info({ event: 'service.started', url: url.origin, roles: platform.roles.list() }, 'listening');
    let stopped: Promise<void> | undefined;
    return { url: url.origin, app, platform, stop: () => (stopped ??= stop(app, platform, readiness)) };
  } catch (error) {
    await closePlatform(platform);
    throw error;
  }
}

async function startApp(
  parts: { platform: OpenPlatform; readiness: Readiness; publicUrl: PublicUrl },
  port: number,
): Promise<NestExpressApplication> {
  const { platform, readiness } = parts;
  const settings = platform.config.get(httpConfig);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class and expects an object literal
  const app = await NestFactory.create<NestExpressApplication>(AppModule.of(parts), {
    logger: new NestLog(platform.log),
    bodyParser: false,
    abortOnError: false,
    forceCloseConnections: true,
    routeResolutionStrategy: 'specificity',
    routeConflictPolicy: { duplicate: 'error' },
  });
  try {
    configureHttp(app, platform, settings, platform.roles, await dashboardFiles());
    app.get(ApiDocument).make(app);
    readiness.add('database', () => platform.database.answers());
    readiness.add('log', () => platform.eventLog.answers());
    await app.init();
    if (platform.roles.has('respond')) {
      await platform.sendingPause.watch(() => platform.jobs.start());
      readiness.add('jobs', () => Promise.resolve(platform.jobs.isRunning || platform.sendingPause.isHolding));
    }
    await app.listen(port, settings.HOST);
    return app;
  } catch (error) {
    await app.close().catch(() => undefined);
    throw listenFault(error, settings.HOST, port);
  }
}

/** Nothing new is taken; stages end their batch (beforeApplicationShutdown); then jobs, connections and the embedded Postgres end. */
async function stop(app: NestExpressApplication, platform: OpenPlatform, readiness: Readiness): Promise<void> {
  readiness.stopping();
  platform.log.info({ event: 'service.stopping' }, 'stopping');
  app.getHttpServer().close();
  await app.close();
  await closePlatform(platform);
  platform.log.info({ event: 'service.stopped' }, 'stopped');
}

/** The port to listen on: the configured one if it is free, or any for 0. */
async function freePortFor(config: Config): Promise<number> {
  const { HOST, PORT } = config.get(httpConfig);
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen(PORT, HOST, resolve);
    });
    return (probe.address() as AddressInfo).port;
  } catch (error) {
    throw listenFault(error, HOST, PORT);
  } finally {
    await new Promise((resolve) => probe.close(resolve));
  }
}

function listenFault(error: unknown, host: string, port: number): Error {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new StartRefused([
        `PORT: ${port} is in use by another process: stop it, or set PORT to a free one. Example: PORT=3001`,
      ]);
    case 'EACCES':
      return new StartRefused([`PORT: ${port} needs rights that this process does not have. Example: PORT=3000`]);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartRefused([`HOST: ${host} is no address of this machine. Example: HOST=127.0.0.1`]);
    default:
      return error instanceof Error ? error : new Error('The service could not start', { cause: error });
  }
}
