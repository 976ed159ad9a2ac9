import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SOURCE_ARGUMENTS } from '../../../test/harness/source-worker.js';
import { lockRoles } from './role-locks.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearthwatch-'));
  await mkdir(join(folder, 'locks'));
});
afterEach(async () => rm(folder, { recursive: true }));

const LOCKED = expect.objectContaining({ code: 'HW-DATA-LOCKED', remedy: expect.stringContaining('HEARTHWATCH_DATA_DIR') });

test('a role runs once on a data folder; its lock comes free with its release', () => {
  const first = lockRoles(folder, ['broker', 'monitor']);
  expect(() => lockRoles(folder, ['monitor'])).toThrow(LOCKED);
  const console = lockRoles(folder, ['console']); // Another process may run another role.
  first.release();
  lockRoles(folder, ['broker', 'monitor']).release();
  console.release();
});

test('who is refused one role keeps none of the others', () => {
  const monitor = lockRoles(folder, ['monitor']);
  expect(() => lockRoles(folder, ['broker', 'monitor'])).toThrow(LOCKED);
  lockRoles(folder, ['broker']).release();
  monitor.release();
});

test('a killed process leaves no lock behind', async () => {
  const holder = spawn(process.execPath, [...SOURCE_ARGUMENTS, join(import.meta.dirname, 'hold-lock.test-thread.ts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  expect(() => lockRoles(folder, ['broker'])).toThrow(LOCKED);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  lockRoles(folder, ['broker']).release();
});
