import { parentPort, workerData } from 'node:worker_threads';
import { CodedError, type Role, type Settings } from '#libs/runtime';
import type { FromRole, RoleThreadData, StartProblem, ToRole } from './role-messages.js';

type StartRole = (settings: Settings) => Promise<{ stop(): Promise<void> }>;

const { role, settings } = workerData as RoleThreadData;

/** Imported in the role's own thread only: each thread loads what it needs. */
const START: Record<Role, () => Promise<StartRole>> = {
  broker: async () => (await import('#apps/broker')).startBroker,
  monitor: async () => (await import('#apps/monitor')).startMonitor,
  console: async () => (await import('#apps/console')).startConsole,
};

function problemOf(error: unknown): StartProblem {
  if (error instanceof CodedError) return { code: error.code, message: error.message, remedy: error.remedy };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'HW-ROLE-START', message, remedy: 'Mend that and start again' };
}

function tell(message: FromRole): void {
  parentPort!.postMessage(message);
}

const loading = START[role]();
loading.catch(() => undefined); // Told when the start is asked for.
let running: { stop(): Promise<void> } | undefined;

async function start(): Promise<void> {
  try {
    running = await (await loading)(settings);
    tell({ type: 'ready' });
  } catch (error) {
    tell({ type: 'failed', problem: problemOf(error) });
  }
}

/** A stop that fails ends the thread with its error; one in the middle of the start cuts that off, as a kill would. */
async function stop(): Promise<void> {
  await running?.stop();
  process.exit(0);
}

parentPort!.on('message', ({ type }: ToRole) => void (type === 'start' ? start() : stop()));
