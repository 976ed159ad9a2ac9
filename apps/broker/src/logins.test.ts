import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { openDatabase, type Database } from '#libs/database';
import { openJournalReader, openJournalWriter } from '#libs/journal';
import { createCredential, listSecurityEvents, registerHome, rotateCredential, type NewLogin } from '#libs/registry';
import { createLogger, ManualClock, Settings } from '#libs/runtime';
import { startBroker, type Broker } from './index.js';

const clock = new ManualClock(Date.UTC(2026, 10, 22, 9));
let folder: string;
let db: Database;
let broker: Broker;
const clients: MqttClient[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broker-logins-'));
  db = await openDatabase({ url: 'sqlite:', sqliteFile: join(folder, 'hearthwatch.db') });
  await registerHome(db, { id: 'h1', timeZone: 'Europe/London' }, clock.nowMs());
  broker = await startBroker(Object.assign(new Settings(), { dataDir: folder, mqttPort: 0 }), { logger: createLogger('test', 'silent'), clock });
});

afterAll(async () => {
  for (const client of clients) client.end(true);
  await broker.stop();
  await db.destroy();
  await rm(folder, { recursive: true });
});

async function connected({ username, password }: NewLogin, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.mqttPort}`, { username, password, reconnectPeriod: 0, ...options });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

const closed = (client: MqttClient): Promise<void> => new Promise((resolve) => { client.once('close', () => resolve()); });

async function topicsOf(text: string): Promise<string[]> {
  const reader = await openJournalReader({ folder: join(folder, 'journal'), log: 'up', consumer: 'test' });
  const entries = await reader.readAfter(0, { entriesMax: 10_000, bytesMax: 100_000_000 });
  await reader.close();
  return entries.filter(({ payload }) => Buffer.from(payload).toString() === text).map(({ topic }) => topic);
}

async function send(topic: string, text: string): Promise<void> {
  const down = await openJournalWriter({ folder: join(folder, 'journal'), log: 'down', freeBytesMin: 0 });
  await down.appendMany([{ topic, payload: Buffer.from(text), receivedMs: clock.nowMs(), login: '', qos: 1, dup: false, retain: false, connection: 0, packetId: 0 }]);
  await down.close();
}

const next = (client: MqttClient): Promise<string> => new Promise((resolve) => { client.once('message', (topic, payload) => resolve(`${topic} ${payload.toString()}`)); });

test('a device reaches its own topics', async () => {
  const client = await connected(await createCredential(db, 'h1', clock.nowMs(), { kind: 'device', device: 'plug-1' }));
  await client.publishAsync('homes/h1/devices/plug-1/readings', 'own', { qos: 1 });
  expect(await topicsOf('own')).toEqual(['homes/h1/devices/plug-1/readings']);
  await client.subscribeAsync('homes/h1/devices/plug-1/#', { qos: 1 });
  const message = next(client);
  await send('homes/h1/devices/plug-2/rejected', 'for another');
  await send('homes/h1/devices/plug-1/rejected', 'for it');
  expect(await message).toBe('homes/h1/devices/plug-1/rejected for it');
  await client.endAsync();
});

test.each(['homes/h1/devices/plug-2/readings', 'homes/h1/devices/plug-11/readings', 'homes/h1/zigbee2mqtt/plug-1', 'homes/h1/hubs/plug-1/status', 'homes/h1/devices/plug-1/commands'])(
  'a device that publishes on %s is cut off', async (topic) => {
    const client = await connected(await createCredential(db, 'h1', clock.nowMs(), { kind: 'device', device: 'plug-1' }));
    const ended = closed(client);
    client.publish(topic, `stray ${topic}`, { qos: 1 });
    await ended;
    expect(await topicsOf(`stray ${topic}`)).toEqual([]);
  },
);

test('a device hears nothing of its neighbours, and leaves no will with them', async () => {
  const login = await createCredential(db, 'h1', clock.nowMs(), { kind: 'device', device: 'plug-1' });
  const client = await connected(login);
  await expect(client.subscribeAsync('homes/h1/devices/#')).rejects.toThrow();
  await expect(client.subscribeAsync('homes/h1/devices/+/rejected')).rejects.toThrow();
  await client.endAsync();
  await expect(connected(login, { will: { topic: 'homes/h1/devices/plug-2/status', payload: Buffer.from('offline'), qos: 1, retain: true } })).rejects.toMatchObject({ code: 5 });
});

test('a mounted login\'s topics are put below its home: what it publishes, its will, and what it is sent', async () => {
  const login = await createCredential(db, 'h1', clock.nowMs(), { kind: 'mounted' });
  const client = await connected(login, { will: { topic: 'shellies/plug/online', payload: Buffer.from('will of the plug'), qos: 1, retain: true } });
  for (const qos of [0, 1, 2] as const) await client.publishAsync('shellies/plug/relay/0', 'on', { qos });
  await client.publishAsync('homes/h2/devices/x/readings', 'somewhere else', { qos: 1 });
  expect(await topicsOf('on')).toEqual(['homes/h1/shellies/plug/relay/0', 'homes/h1/shellies/plug/relay/0', 'homes/h1/shellies/plug/relay/0']);
  expect(await topicsOf('somewhere else')).toEqual(['homes/h1/homes/h2/devices/x/readings']); // Still its own home.
  await client.subscribeAsync('devices/plug/rejected', { qos: 1 });
  const message = next(client);
  await send('homes/h1/devices/plug/rejected', 'why');
  expect(await message).toBe('devices/plug/rejected why');
  await client.unsubscribeAsync('devices/plug/rejected');
  client.stream.destroy();
  for (let tries = 0; tries < 100 && (await topicsOf('will of the plug')).length === 0; tries++) await new Promise((resolve) => { setTimeout(resolve, 25); });
  expect(await topicsOf('will of the plug')).toEqual(['homes/h1/shellies/plug/online']);
});

test('a mounted login can not publish what the service says either', async () => {
  const client = await connected(await createCredential(db, 'h1', clock.nowMs(), { kind: 'mounted' }));
  const ended = closed(client);
  client.publish('devices/plug/commands', 'as if', { qos: 1 });
  await ended;
  expect(await topicsOf('as if')).toEqual([]);
  expect((await listSecurityEvents(db, { home: 'h1' })).items.map(({ code }) => code)).toContain('HW-MQTT-TOPIC');
});

test('a rotated login stays connected until its time; then it is closed and opens no more', async () => {
  const old = await createCredential(db, 'h1', clock.nowMs());
  const client = await connected(old);
  const made = await rotateCredential(db, 'h1', old.username, clock.nowMs() + 60_000, clock.nowMs());
  await (await connected(made)).endAsync();
  await new Promise((resolve) => { setTimeout(resolve, 500); }); // More than two looks at the logins.
  expect(client.connected).toBe(true);
  const ended = closed(client);
  clock.advance(60_000);
  await ended;
  await expect(connected(old)).rejects.toMatchObject({ code: 4 });
  await (await connected(made)).endAsync();
});
