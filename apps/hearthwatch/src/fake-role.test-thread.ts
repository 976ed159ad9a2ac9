import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * A role that behaves as the data folder's `behaviours` say, such as `{"monitor":"dies"}`. It
 * writes what happens to it into `record` there, in the order of all roles.
 */
const { role, settings: { dataDir } } = workerData as { role: string; settings: { dataDir: string } };
const behaviour = (JSON.parse(readFileSync(join(dataDir, 'behaviours'), 'utf8')) as Record<string, string>)[role];
const record = (what: string): void => appendFileSync(join(dataDir, 'record'), `${role} ${what}\n`);

if (behaviour === 'does not load') throw new Error('broken before the start');

parentPort!.on('message', ({ type }: { type: string }) => {
  if (type === 'start') start();
  else stop();
});

function start(): void {
  record('started');
  if (behaviour === 'throws') throw new Error('broken from the start');
  if (behaviour === 'refuses') {
    parentPort!.postMessage({ type: 'failed', problem: { code: 'HW-DATABASE-UNREACHABLE', message: 'PostgreSQL is away', remedy: 'Start it' } });
    return;
  }
  parentPort!.postMessage({ type: 'ready' });
  if (behaviour === 'dies') setTimeout(() => { throw new Error('broken later'); }, 50);
  if (behaviour === 'leaves') setTimeout(() => process.exit(0), 50);
}

function stop(): void {
  record('asked to stop');
  if (behaviour !== 'hangs') process.exit(0);
}
