import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually, Service } from '../harness/service.js';

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

test('npm start takes the service with it when npm is told to end', async () => {
  const npm = spawn('npm', ['start'], { stdio: ['ignore', 'pipe', 'ignore'], env: {
    PATH: process.env['PATH'], HEARTHWATCH_DATA_DIR: service.dataDir,
    HEARTHWATCH_MQTT_PORT: String(service.mqttPort), HEARTHWATCH_HTTP_PORT: String(service.httpPort),
  } });
  let output = '';
  npm.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  await eventually(60_000, () => Promise.resolve(output.includes('Hearthwatch is ready')));
  npm.kill('SIGTERM');
  await eventually(20_000, async () => fetch(`${service.httpUrl}/health/live`).then(() => false, () => true));
  await service.start(); // Its data folder is free again.
}, 120_000);
