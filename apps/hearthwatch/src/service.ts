import { existsSync } from 'node:fs';
import { CodedError, createLogger, readSettings, type Logger, type Settings } from '#libs/runtime';
import { prepareDataFolder, refuseEmptiedDatabase } from './data-folder.js';
import { lockRoles } from './role-locks.js';
import { startRoles, type Roles } from './roles.js';

const EXIT_CONFIG = 78; // sysexits.h: something is configured wrong.
const EXIT_FAILED = 1;
/** Three roles, one after the other, within the 30 s that supervisors usually grant. */
const STOP_LIMIT_MS = 9_000;
const PARENT_CHECK_MS = 500;

/**
 * settings ─▶ data folder ─▶ locks ─▶ one thread a role ─▶ ready ─▶ until a signal, or a role fails
 *
 * @returns the process's exit code: 0 after a signal, 78 for a wrong setting, else 1
 */
export async function runService(): Promise<number> {
  try {
    const settings = settingsOfProcess();
    settings.dataDir = prepareDataFolder(settings.dataDir);
    if (settings.databaseUrl === 'sqlite:') refuseEmptiedDatabase(settings.dataDir);
    const locks = lockRoles(settings.dataDir, settings.roles);
    const exitCode = await runRoles(settings, createLogger('service', settings.logLevel));
    locks.release();
    return exitCode;
  } catch (error) {
    console.error(error instanceof CodedError ? error.line : error);
    return error instanceof CodedError && error.code === 'HW-SETTING' ? EXIT_CONFIG : EXIT_FAILED;
  }
}

/** A `.env` file in the working folder stands beneath the environment. */
function settingsOfProcess(): Settings {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return readSettings(process.env);
}

async function runRoles(settings: Settings, log: Logger): Promise<number> {
  const signal = firstSignal();
  const starting = startRoles(settings, log);
  const roles = await Promise.race([starting, signal]);
  if (typeof roles === 'string') { // Asked to stop before it was ready: the kernel cleans up, and nothing was promised yet.
    log.info({ signal: roles }, 'stopped before it was ready');
    return 0;
  }
  console.log(readyLine(settings));
  return untilTheEnd(roles, signal, log);
}

async function untilTheEnd(roles: Roles, signal: Promise<NodeJS.Signals>, log: Logger): Promise<number> {
  const failure = await Promise.race([roles.failed, signal.then(() => undefined)]);
  if (failure === undefined) log.info('stopping');
  else log.fatal(`HW-ROLE-FAILED: ${failure}. The service ends so that its supervisor starts it again`);
  await roles.stop(STOP_LIMIT_MS);
  if (failure === undefined) log.info('stopped');
  return failure === undefined ? 0 : EXIT_FAILED;
}

/** A second signal does not wait for the roles. */
async function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(EXIT_FAILED);
      asked = true;
      resolve(signal);
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
    if (process.env['npm_lifecycle_event'] !== undefined) whenParentIsGone(() => resolve('SIGTERM'));
  });
}

/** npm hands a signal to its shell and no further: without this, `npm start` would leave the service behind. */
function whenParentIsGone(then: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, PARENT_CHECK_MS).unref();
}

function readyLine({ roles, bind, httpPort, mqttPort, publicUrl }: Settings): string {
  const host = bind.includes(':') ? `[${bind}]` : bind;
  const pages = roles.includes('console') ? ` Open ${publicUrl ?? `http://${host}:${httpPort}`}` : '';
  const devices = roles.includes('broker') && mqttPort !== null ? ` Devices connect to mqtt://${host}:${mqttPort}` : '';
  return `Hearthwatch is ready (${roles.join(', ')}).${pages}${devices}`;
}
