import { Worker } from 'node:worker_threads';
import { CodedError, type Logger, type Role, type Settings } from '#libs/runtime';
import type { FromRole, RoleThreadData, StartProblem, ToRole } from './role-messages.js';

/** Devices are let in last, and sent away first: what they were promised is then in the journal. */
const START_ORDER: readonly Role[] = ['monitor', 'console', 'broker'];
const STOP_ORDER: readonly Role[] = ['broker', 'monitor', 'console'];

export interface Roles {
  /** Resolves with what went wrong when a thread ends without having been asked to; else never. */
  failed: Promise<string>;
  /** Stops one role after the other; a thread that takes longer than `limitMs` is cut off. */
  stop(limitMs: number): Promise<void>;
}

interface RunningRole {
  role: Role;
  worker: Worker;
  ended: Promise<void>;
}

/**
 * Starts each role in a thread of its own. All load their code at once; they start one after the
 * other, because the first brings the database's tables up to date for all.
 * @throws CodedError, the one that kept a role from starting, or HW-ROLE-START; the others are stopped again
 */
export async function startRoles(settings: Settings, log: Logger, threadFile = new URL('./role-thread.js', import.meta.url)): Promise<Roles> {
  const failed = Promise.withResolvers<string>();
  let stopping = false;
  const threads = START_ORDER.filter((role) => settings.roles.includes(role)).map((role) => {
    const thread = startThread({ role, settings }, threadFile);
    thread.worker.on('error', (error) => log.fatal({ failedRole: role, err: error }, 'a role failed'));
    thread.worker.on('exit', () => {
      if (!stopping) failed.resolve(`The role ${role} ended by itself`);
    });
    return thread;
  });
  const stop = async (limitMs: number): Promise<void> => {
    stopping = true;
    for (const role of STOP_ORDER) {
      for (const thread of threads.filter((candidate) => candidate.role === role)) await stopThread(thread, limitMs, log);
    }
  };
  for (const { role, worker } of threads) {
    const problem = await Promise.race([startRole(worker), failed.promise.then(died)]); // One may end while another starts.
    if (problem === undefined) continue;
    await worker.terminate();
    await stop(STOP_AFTER_FAILED_START_MS);
    throw new CodedError(problem.code, `The role ${role} can't start: ${problem.message}`, problem.remedy);
  }
  return { failed: failed.promise, stop };
}

const STOP_AFTER_FAILED_START_MS = 3_000;

function startThread(data: RoleThreadData, threadFile: URL): RunningRole {
  const worker = new Worker(threadFile, { name: data.role, workerData: data });
  const ended = new Promise<void>((resolve) => { worker.once('exit', () => resolve()); }); // Not events.once: that rejects on an error.
  return { role: data.role, worker, ended };
}

function died(message: string): StartProblem {
  return { code: 'HW-ROLE-START', message, remedy: 'The log says more; mend that and start again' };
}

/** What keeps the role from working, or undefined once it works. */
async function startRole(worker: Worker): Promise<StartProblem | undefined> {
  return new Promise((resolve) => {
    worker.once('message', (message: FromRole) => resolve(message.type === 'failed' ? message.problem : undefined));
    worker.once('error', (error) => resolve(died(error instanceof Error ? error.message : String(error))));
    worker.once('exit', (code) => resolve(died(`its thread ended with code ${code}`)));
    worker.postMessage({ type: 'start' } satisfies ToRole);
  });
}

async function stopThread({ role, worker, ended }: RunningRole, limitMs: number, log: Logger): Promise<void> {
  const timer = setTimeout(() => {
    log.error({ stoppedRole: role, limitMs }, 'a role did not stop in time and was cut off');
    void worker.terminate();
  }, limitMs);
  worker.postMessage({ type: 'stop' } satisfies ToRole);
  await ended;
  clearTimeout(timer);
}
