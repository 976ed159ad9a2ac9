import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Service } from '../harness/service.js';

let service: Service;

beforeEach(async () => { service = await Service.create(); });
afterEach(async () => service.dispose());

/** Another service with the same data folder, on the same ports. */
async function second(settings: Record<string, string>): Promise<string> {
  const other = await Service.create({ HEARTHWATCH_DATA_DIR: service.dataDir, ...settings });
  try {
    await other.start();
    return 'started';
  } catch (error) {
    return String(error);
  } finally {
    await other.dispose();
  }
}

test('it says when it is ready, and SIGTERM ends it with exit code 0', async () => {
  await service.start();
  expect(await service.end('SIGTERM')).toBe(0);
  expect(service.output).toContain('Hearthwatch is ready (broker, monitor, console)');
});

test('a second service on its data folder is refused; after a kill the next one starts at once', async () => {
  await service.start();
  expect(await second({})).toMatch(/ended with 1:\nHW-DATA-LOCKED: /);
  await service.end('SIGKILL');
  await service.start();
  expect(await service.end('SIGTERM')).toBe(0);
});

test('a port that is taken stops the start with one line, and what had started already is stopped', async () => {
  const taken: Server = createServer().listen(service.mqttPort, '127.0.0.1');
  await once(taken, 'listening');
  try {
    await expect(service.start()).rejects.toThrow(/ended with 1:\n(.*\n)*HW-PORT: The role broker can't start: .*\n$/);
  } finally {
    taken.close();
  }
  await service.start();
});
