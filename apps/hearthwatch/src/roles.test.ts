import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createLogger, readSettings } from '#libs/runtime';
import { startRoles, type Roles } from './roles.js';

let folder: string;

beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'hearthwatch-')); });
afterEach(async () => rm(folder, { recursive: true }));

async function start(behaviours: Record<string, string> = {}, roles = 'broker,monitor,console'): Promise<Roles> {
  await writeFile(join(folder, 'behaviours'), JSON.stringify(behaviours));
  const settings = readSettings({ HEARTHWATCH_DATA_DIR: folder, HEARTHWATCH_ROLES: roles });
  return startRoles(settings, createLogger('service', 'silent'), new URL('./fake-role.test-thread.ts', import.meta.url));
}

async function record(): Promise<string[]> {
  return (await readFile(join(folder, 'record'), 'utf8')).trim().split('\n');
}

test('devices are let in last and sent away first', async () => {
  const roles = await start();
  await roles.stop(5_000);
  expect(await record()).toEqual([
    'monitor started', 'console started', 'broker started',
    'broker asked to stop', 'monitor asked to stop', 'console asked to stop',
  ]);
});

test('only the roles asked for run', async () => {
  const roles = await start({}, 'console');
  await roles.stop(5_000);
  expect(await record()).toEqual(['console started', 'console asked to stop']);
});

test('a role that refuses to start is named with its own error, and the others are stopped', async () => {
  await expect(start({ console: 'refuses' })).rejects.toMatchObject({
    code: 'HW-DATABASE-UNREACHABLE', message: "The role console can't start: PostgreSQL is away", remedy: 'Start it',
  });
  expect(await record()).toEqual(['monitor started', 'console started', 'broker asked to stop', 'monitor asked to stop']);
});

test('a role that throws while it starts is named', async () => {
  await expect(start({ broker: 'throws' })).rejects.toMatchObject({
    code: 'HW-ROLE-START', message: expect.stringContaining('broken from the start'),
  });
});

test('a role whose thread ends before its turn keeps the service from starting', async () => {
  await expect(start({ broker: 'does not load' })).rejects.toMatchObject({ code: 'HW-ROLE-START' });
});

test.each(['dies', 'leaves'])('a role that %s while it runs is a failure of the service', async (behaviour) => {
  const roles = await start({ monitor: behaviour });
  expect(await roles.failed).toContain('monitor');
  await roles.stop(5_000);
  expect((await record()).slice(-2)).toEqual(['broker asked to stop', 'console asked to stop']);
});

test('a role that does not stop in time is cut off, and the next one is stopped all the same', async () => {
  const roles = await start({ broker: 'hangs' });
  await roles.stop(200);
  expect((await record()).slice(-3)).toEqual(['broker asked to stop', 'monitor asked to stop', 'console asked to stop']);
});
