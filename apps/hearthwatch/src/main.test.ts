import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SOURCE_ARGUMENTS } from '../../../test/harness/source-worker.js';
import { lockRoles } from './role-locks.js';
import { prepareDataFolder } from './data-folder.js';

let folder: string;
const umask = process.umask();

beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'hearthwatch-')); });
afterEach(async () => {
  process.umask(umask);
  await rm(folder, { recursive: true });
});

/** Runs the program until it ends by itself, in an empty working folder. */
async function run(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [...SOURCE_ARGUMENTS, join(import.meta.dirname, 'main.ts')], {
    cwd: folder, env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  const [code] = await once(child, 'close') as [number | null];
  return { code, output };
}

test('a wrong setting ends the service with one line and exit code 78', async () => {
  expect(await run({ HEARTHWATCH_HTTP_PORT: 's3cret' })).toEqual({
    code: 78, output: 'HW-SETTING: HEARTHWATCH_HTTP_PORT is not accepted. Accepted: a port from 1 to 65535\n',
  });
});

test('settings are read from .env as well', async () => {
  await writeFile(join(folder, '.env'), 'HEARTHWATCH_CLOCK=sundial\n');
  expect(await run({})).toEqual({ code: 78, output: 'HW-SETTING: HEARTHWATCH_CLOCK is not accepted. Accepted: system or readings\n' });
});

test('a data folder that cannot be used ends the service with one line', async () => {
  await writeFile(join(folder, 'file'), '');
  const { code, output } = await run({ HEARTHWATCH_DATA_DIR: join(folder, 'file') });
  expect({ code, lines: output.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
  expect(output).toMatch(/^HW-DATA-DIR: .*HEARTHWATCH_DATA_DIR/);
});

test('a second service on the same data folder is refused with the way out', async () => {
  const locks = lockRoles(prepareDataFolder(join(folder, 'data')), ['monitor']);
  const { code, output } = await run({});
  locks.release();
  expect(code).toBe(1);
  expect(output).toMatch(/^HW-DATA-LOCKED: Another service runs the role monitor .*HEARTHWATCH_DATA_DIR.*\n$/);
});
