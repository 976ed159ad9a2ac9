import { parentPort, workerData } from 'node:worker_threads';
import { CodedError, type Settings } from '#libs/runtime';
import type { FromRole, RoleThreadData, StartProblem, ToRole } from './role-messages.js';

type StartRole = (settings: Settings) => Promise<{ stop(): Promise<void> }>;

const { role, settings } = workerData as RoleThreadData;

/** The door of each role's app is one function, named after it. */
async function startFunction(): Promise<StartRole> {
  const app = (await import(`#apps/${role}`)) as Record<string, StartRole | undefined>;
  const start = app[`start${role.charAt(0).toUpperCase()}${role.slice(1)}`];
  if (!start) throw new Error(`apps/${role} exports no start function`);
  return start;
}

function problemOf(error: unknown): StartProblem {
  if (error instanceof CodedError) return { code: error.code, message: error.message, remedy: error.remedy };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'HW-ROLE-START', message, remedy: 'Mend that and start again' };
}

function tell(message: FromRole): void {
  parentPort!.postMessage(message);
}

try {
  const start = await startFunction();
  const running = await start(settings);
  parentPort!.on('message', ({ type }: ToRole) => {
    if (type === 'stop') void running.stop().then(() => process.exit(0)); // A failing stop ends the thread with its error.
  });
  tell({ type: 'ready' });
} catch (error) {
  tell({ type: 'failed', problem: problemOf(error) });
}
