/**
 * `npm run dev`: builds and runs the service, and does both again when a source changes. A build
 * that fails leaves the service stopped and its errors on the screen. This file is run as it stands.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';

const FOLDERS = ['apps', 'libs', 'simulators'];
/** An editor writes a file in several steps. */
const QUIET_MS = 200;
const MAIN = 'dist/apps/hearthwatch/src/main.js';

let service: ChildProcess | undefined;
let working: Promise<void> = Promise.resolve();
let timer: NodeJS.Timeout | undefined;

async function stop(): Promise<void> {
  if (!service || service.exitCode !== null || service.signalCode !== null) return;
  const ended = once(service, 'exit');
  service.kill('SIGTERM');
  await ended;
}

async function restart(): Promise<void> {
  await stop();
  if (spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' }).status !== 0) return;
  service = spawn(process.execPath, ['--enable-source-maps', MAIN], { stdio: 'inherit' });
}

function changed(file: string | null): void {
  if (file === null || /\.test(-\w+)?\.ts$/.test(file)) return;
  clearTimeout(timer);
  timer = setTimeout(() => { working = working.then(restart); }, QUIET_MS);
}

for (const folder of FOLDERS) watch(folder, { recursive: true }, (_event, file) => changed(file));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void stop().then(() => process.exit(0)));
}
working = restart();
