import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import { openDatabase } from '#libs/database';
import { ensureFirstAdministrator, pruneSessions } from '#libs/identity';
import { answerReports, CodedError, createLogger, hours, systemClock, type Clock, type Settings } from '#libs/runtime';
import { openTimeSeries } from '#libs/timeseries';
import { Access } from './access/access.js';
import { ConsoleModule } from './console.module.js';
import { serveAssets } from './http/assets.js';
import { onlyJson, onlyObjects } from './http/json-body.js';
import { ProblemFilter } from './http/problem.filter.js';
import { measureRequests } from './http/request-metrics.js';
import { securityHeaders } from './http/security-headers.js';
import { requestValidation } from './http/validation.js';
import { AlertFeed } from './live/alert-feed.js';
import { openApiOf } from './open-api.js';
import { Stores } from './stores.js';

const BODY_MAX = '64kb';

export interface RunningConsole {
  /** Where it answers, such as http://127.0.0.1:3000 */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts pages and REST on `settings.httpPort`. At the very first start it makes an administrator and
 * prints the password once on standard output, never into the log.
 * @throws CodedError HW-HTTP-PORT, and those of openDatabase and openTimeSeries
 */
export async function startConsole(settings: Settings, options: { clock?: Clock; print?: (line: string) => void } = {}): Promise<RunningConsole> {
  const clock = options.clock ?? systemClock;
  const log = createLogger('console', settings.logLevel);
  const db = await openDatabase({ url: settings.databaseUrl, sqliteFile: join(settings.dataDir, 'hearthwatch.db'), onError: (error) => log.warn({ err: error }, 'the database connection broke') });
  const closers: (() => Promise<unknown>)[] = [() => db.destroy()];
  try {
    const series = await openTimeSeries({ url: settings.timeseriesUrl, sqliteFile: join(settings.dataDir, 'series.db'), readOnly: true });
    closers.unshift(() => series.close());
    const first = await ensureFirstAdministrator(db, clock.nowMs());
    if (first !== null) (options.print ?? printLine)(`First administrator: username ${first.username}, password ${first.password} (shown once; change it with npm run admin)`);
    const app = await createApp(new Stores(db, series, settings, clock, log));
    closers.unshift(() => app.close());
    const feed = app.get(AlertFeed);
    await feed.start();
    closers.unshift(() => feed.stop());
    await listen(app, settings);
    const pruning = setInterval(() => void pruneSessions(db, clock.nowMs()).catch((error: unknown) => log.warn({ err: error }, 'expired sessions stay for now')), hours(1)).unref();
    closers.unshift(() => Promise.resolve(clearInterval(pruning)));
    const reports = answerReports('console', () => []);
    closers.unshift(() => Promise.resolve(reports.close()));
    const url = `http://${host(settings.bind)}:${(app.getHttpServer().address() as AddressInfo).port}`;
    log.info({ url }, 'console answers');
    return { url, stop: () => closeAll(closers) };
  } catch (error) {
    await closeAll(closers).catch(() => undefined);
    throw error;
  }
}

const printLine = (line: string): void => void process.stdout.write(`${line}\n`);
const host = (bind: string): string => (bind === '0.0.0.0' || bind === '::' ? '127.0.0.1' : bind.includes(':') ? `[${bind}]` : bind);

/** In the order of the list, each even if one before it failed. */
async function closeAll(closers: (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const close of closers.splice(0)) await close().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

/** The whole application, not listening yet. */
export async function createApp(stores: Stores): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(ConsoleModule.of(stores), { bodyParser: false, logger: false, abortOnError: false, forceCloseConnections: true });
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  const https = stores.settings.publicUrl?.startsWith('https://') ?? false;
  if (stores.settings.publicUrl !== null) app.set('trust proxy', 'loopback'); // Behind a TLS proxy, sign-ins are throttled by the client's address.
  app.use(measureRequests);
  app.use(securityHeaders({ https }));
  app.use(serveAssets);
  app.use(app.get(Access).identify);
  app.use(onlyJson);
  app.useBodyParser('json', { limit: BODY_MAX, strict: true });
  app.useBodyParser('text', { type: 'text/csv', limit: BODY_MAX });
  app.useBodyParser('urlencoded', { limit: BODY_MAX, extended: false, parameterLimit: 50 });
  app.use(onlyObjects);
  app.useGlobalPipes(requestValidation);
  app.useGlobalFilters(app.get(ProblemFilter));
  SwaggerModule.setup('api/docs', app, () => openApiOf(app), { jsonDocumentUrl: 'api/openapi.json', raw: ['json'], customSiteTitle: 'Hearthwatch: interface for programs' });
  await app.init();
  return app;
}

async function listen(app: NestExpressApplication, settings: Settings): Promise<void> {
  try {
    await app.listen(settings.httpPort, settings.bind);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'EADDRNOTAVAIL') throw new CodedError('HW-SETTING', 'HEARTHWATCH_BIND is no address of this machine', 'Accepted: 127.0.0.1, 0.0.0.0, or an address that this machine has', { cause: error });
    throw new CodedError('HW-HTTP-PORT', `Port ${settings.httpPort} of ${settings.bind} can't be used: ${code ?? 'unknown'}`, 'Stop the program that holds it, or set HEARTHWATCH_HTTP_PORT to another', { cause: error });
  }
}
