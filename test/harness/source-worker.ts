import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const LOADER = join(import.meta.dirname, 'typescript.mjs');

/** Arguments with which Node runs the sources as they are, for `spawn` and `fork`. */
export const SOURCE_ARGUMENTS = ['--no-warnings', '--conditions=source', '--import', LOADER];

/** Runs a TypeScript source as a thread and gives the first message that it posts. */
export async function runThread<T>(file: string, workerData: unknown): Promise<T> {
  const worker = new Worker(file, { workerData, execArgv: SOURCE_ARGUMENTS });
  const [message] = await once(worker, 'message') as [T];
  await worker.terminate();
  return message;
}
