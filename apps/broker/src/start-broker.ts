import { mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Aedes, type Client } from 'aedes';
import { openDatabase, type Database } from '#libs/database';
import { openJournalReader, openJournalWriter, type JournalReader, type JournalWriter } from '#libs/journal';
import { answerReports, CodedError, createLogger, days, systemClock, type Clock, type Logger, type Settings } from '#libs/runtime';
import { acceptMessages } from './accept-message.js';
import { parserOf } from './aedes-internals.js';
import { commitEntries, commitSeconds, gauges } from './broker-metrics.js';
import { deliverDown } from './deliver-down.js';
import { Flows, type Flow } from './flow.js';
import { ForgetfulPersistence } from './forgetful-persistence.js';
import { LIMITS } from './limits.js';
import { logIn, preConnect, type LoginParts } from './log-in.js';
import { watchRevocations } from './revocations.js';
import { SecurityLog } from './security-log.js';
import { Sessions } from './session.js';
import { authorizeSubscriptions } from './subscriptions.js';

export interface Broker {
  /** The port that devices connect to: the setting's, or the one found for 0; null if MQTT is off. */
  mqttPort: number | null;
  /** Reads no further, commits and acknowledges what was read, then closes all connections. */
  stop(): Promise<void>;
}

/** What a test may put in the place of the real thing. */
export interface BrokerParts {
  clock?: Clock;
  logger?: Logger;
  openJournal?: typeof openJournalWriter;
  /** Called once when nothing can be acknowledged any more. Default: the thread ends with exit code 1. */
  onFatal?: (error: Error) => void;
}

const PRUNE_EVERY_MS = 10 * 60_000;

/**
 * Starts the broker: devices log in, their messages are journalled and then acknowledged, and what
 * the service has for them is sent to them.
 * @throws CodedError of the database and the journal; HW-PORT if the port can't be had
 */
export async function startBroker(settings: Settings, parts: BrokerParts = {}): Promise<Broker> {
  const { clock = systemClock, logger = createLogger('broker', settings.logLevel), openJournal = openJournalWriter } = parts;
  const folder = join(settings.dataDir, 'journal');
  await mkdir(settings.dataDir, { recursive: true });
  const db = await openDatabase({ url: settings.databaseUrl, sqliteFile: join(settings.dataDir, 'hearthwatch.db'), onError: (error) => logger.error({ err: error }, 'the database') });
  let journal: JournalWriter | null = null;
  let down: JournalReader | null = null;
  try {
    journal = await openJournal({ folder, log: 'up', retentionMs: days(settings.retentionDays[0]), logger, watch: commitWatch() });
    down = await openJournalReader({ folder, log: 'down', consumer: 'broker' });
    return await run({ settings, clock, logger, db, journal, down, onFatal: parts.onFatal ?? endThread(logger) });
  } catch (error) {
    await down?.close();
    await journal?.close();
    await db.destroy();
    throw error;
  }
}

interface Opened {
  settings: Settings;
  clock: Clock;
  logger: Logger;
  db: Database;
  journal: JournalWriter;
  down: JournalReader;
  onFatal: (error: Error) => void;
}

async function run({ settings, clock, logger, db, journal, down, onFatal }: Opened): Promise<Broker> {
  const sessions = new Sessions();
  const flows = new Flows();
  const troubles = new Map<string, string>();
  const trouble = (part: string) => (reason: string | null): void => void (reason === null ? troubles.delete(part) : troubles.set(part, reason));
  let stopping = false;
  let connection = clock.nowMs(); // Above every number of an earlier run, unless that had a thousand connections a second.
  const login: LoginParts = { db, sessions, flowOf: new WeakMap<Client, Flow>(), lookups: new Set(), security: new SecurityLog(db, clock, logger), clock, logger, nextConnection: () => ++connection };
  const aedes = await listenAedes(login, acceptMessages({
    ...login, journal, flows, clock,
    stopping: () => stopping,
    onJournalFailure: (error) => {
      if (stopping) return logger.error({ err: error }, 'not everything was acknowledged before the end');

      stopping = true;
      flows.stop();
      onFatal(error);
    },
  }));
  const server = acceptSockets(aedes, flows, login);
  const ending = new AbortController();
  observe(sessions, flows, journal);

  const mqttPort = settings.mqttPort === null ? null : await listen(server, settings.mqttPort, settings.bind);
  const revocations = watchRevocations({ ...login, onTrouble: trouble('database') });
  const delivering = deliverDown({ reader: down, sessions, logger, signal: ending.signal, onTrouble: trouble('down log') });
  const pruning = setInterval(() => prune(journal, clock, logger), PRUNE_EVERY_MS);
  const reports = answerReports('broker', () => [
    ...troubles.keys(),
    ...(journal.failed === null ? [] : ['journal']),
    ...(journal.holding ? ['journal: the disk is full'] : []),
  ]);
  logger.info({ mqttPort, position: journal.endPosition }, 'broker ready');

  return {
    mqttPort,
    async stop() {
      stopping = true; // New messages are refused without an acknowledgement; what is in flight is finished.
      flows.stop();
      server.close();
      reports.close();
      clearInterval(pruning);
      ending.abort();
      await Promise.all([delivering, revocations.stop(), journal.close()]);
      await delay(ACKNOWLEDGEMENTS_LEAVE_MS);
      await new Promise<void>((resolve) => { aedes.close(resolve); });
      await down.close();
      await db.destroy();
      logger.info({ position: journal.endPosition }, 'broker stopped');
    },
  };
}

const ACKNOWLEDGEMENTS_LEAVE_MS = 20;

async function listenAedes(login: LoginParts, authorizePublish: Aedes['authorizePublish']): Promise<Aedes> {
  const { sessions, security } = login;
  const aedes = new Aedes({
    persistence: new ForgetfulPersistence(sessions),
    maxClientsIdLength: 65_535, // Ours are longer by the login, and bounded in preConnect.
    preConnect,
    authenticate: logIn(login),
    authorizePublish,
    authorizeSubscribe: authorizeSubscriptions(sessions, security),
  });
  // Whatever aedes would pass to subscribers ends here: devices get only what `deliverDown` sends.
  // That saves a good part of the work for a message, and nobody reads its own notes about clients.
  aedes.publish = (_packet: unknown, clientOrDone: unknown, done?: unknown) => {
    const callback = typeof clientOrDone === 'function' ? clientOrDone : done;
    if (typeof callback === 'function') callback(null);
  };
  aedes.on('unsubscribe', (topics, client) => {
    const session = sessions.of(client);
    for (const topic of topics) session?.subscriptions.delete(session.mount + topic);
  });
  await aedes.listen();
  return aedes;
}

function acceptSockets(aedes: Aedes, flows: Flows, { sessions, security, flowOf }: LoginParts): Server {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, highWaterMark: 64 * 1024 }, (socket) => {
    const client = aedes.handle(socket);
    const refuse = (reason: string): void => {
      const session = sessions.of(client);
      security.refused({ code: 'HW-MQTT-SIZE', home: session?.home ?? null, username: session?.username ?? null, detail: reason });
    };
    flowOf.set(client, flows.control(socket, parserOf(client), refuse));
  });
  server.maxConnections = Math.max(100, openFilesMax() - LIMITS.filesReserved);
  return server;
}

/** Each connection is an open file; the journal must always get one for its next segment. */
function openFilesMax(): number {
  Object.assign(process.report, { excludeNetwork: true }); // Else it looks up the names of addresses.
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } };
  const soft = report.userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : 1_000_000;
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRNOTAVAIL'
      ? new CodedError('HW-SETTING', 'HEARTHWATCH_BIND is no address of this machine', 'Accepted: 127.0.0.1, 0.0.0.0, or an address that this machine has', { cause: error })
      : new CodedError('HW-PORT', `The MQTT port ${port} on ${host} can't be used: ${error.message}`, 'Stop what uses it, or set HEARTHWATCH_MQTT_PORT to another port', { cause: error })));
    server.listen({ port, host, backlog: 4_096 }, () => resolve((server.address() as AddressInfo).port));
  });
}

function prune(journal: JournalWriter, clock: Clock, logger: Logger): void {
  journal.prune(clock.nowMs()).then(
    (segments) => { if (segments > 0) logger.info({ segments }, 'journal segments past their retention removed'); },
    (error: unknown) => { logger.error({ err: error }, 'journal segments could not be removed'); },
  );
}

function observe(sessions: Sessions, flows: Flows, journal: JournalWriter): void {
  gauges.connections = () => sessions.size;
  gauges.inFlightBytes = () => flows.inFlight;
  gauges.waitingConnections = () => flows.waitingConnections;
  gauges.journalPosition = () => journal.endPosition;
  gauges.holding = () => (journal.holding ? 1 : 0);
}

function commitWatch(): { commitBegan(entries: number): void; commitEnded(): void } {
  let beganMs = 0;
  return {
    commitBegan(entries) {
      beganMs = performance.now();
      commitEntries.observe(entries);
    },
    commitEnded() {
      commitSeconds.observe((performance.now() - beganMs) / 1_000);
    },
  };
}

function endThread(logger: Logger): (error: Error) => void {
  return (error) => {
    logger.fatal({ err: error, code: error instanceof CodedError ? error.code : undefined }, 'nothing can be acknowledged any more; ending');
    process.exitCode = 1;
    setImmediate(() => process.exit(1)); // The log line leaves first.
  };
}
