import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import mqtt from 'mqtt';
import { eventually, Service } from '../harness/service.js';

const started: { child: ChildProcess; output: string }[] = [];
let pages: Service | undefined;

afterEach(async () => {
  for (const { child } of started) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await pages?.dispose();
});

/** One role in a process of its own, on the data folder of the console's. */
async function startRole(role: 'broker' | 'monitor', { dataDir, mqttPort }: Service): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['dist/apps/hearthwatch/src/main.js'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], HEARTHWATCH_DATA_DIR: dataDir, HEARTHWATCH_MQTT_PORT: String(mqttPort), HEARTHWATCH_ROLES: role, HEARTHWATCH_LOG_LEVEL: 'warn' },
  });
  const running = { child, output: '' };
  started.push(running);
  child.stdout.on('data', (chunk: Buffer) => { running.output += chunk.toString(); });
  await eventually(30_000, () => Promise.resolve(running.output.includes(`Hearthwatch is ready (${role}).`)));
  return child;
}

test('each role in a process of its own, on one data folder: an SOS becomes an alert', async () => {
  pages = await Service.create({ HEARTHWATCH_ROLES: 'console' });
  await pages.start();
  const monitor = await startRole('monitor', pages);
  const broker = await startRole('broker', pages);
  const login = await pages.home('h1');
  const client = await mqtt.connectAsync(pages.mqttUrl, login);
  await client.publishAsync('homes/h1/devices/pendant/readings', '{"values":{"sos":true}}', { qos: 1 });
  await client.endAsync();
  const alert = await eventually(20_000, async () => (await pages!.api<{ items: { rule: string }[] }>('GET', '/alerts?home=h1')).items[0]);
  expect(alert).toMatchObject({ home: 'h1', rule: 'sos', severity: 'emergency', status: 'open' });
  for (const child of [broker, monitor]) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  }
}, 120_000);
