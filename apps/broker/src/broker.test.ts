import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectSocket, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { openDatabase, type Database } from '#libs/database';
import { openJournalReader, openJournalWriter, type JournalEntry } from '#libs/journal';
import { createCredential, listSecurityEvents, registerHome, revokeCredential } from '#libs/registry';
import { createLogger, Settings } from '#libs/runtime';
import { startBroker, type Broker } from './index.js';

const logger = createLogger('test', 'silent');
let folder: string;
let db: Database;
let broker: Broker;
let clients: MqttClient[] = [];
let sockets: Socket[] = [];
const logins: Record<'h1' | 'h2', { username: string; password: string }> = { h1: { username: '', password: '' }, h2: { username: '', password: '' } };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broker-'));
  db = await openDatabase({ url: 'sqlite:', sqliteFile: join(folder, 'hearthwatch.db') });
  for (const home of ['h1', 'h2'] as const) {
    await registerHome(db, { id: home, timeZone: 'Europe/London' }, Date.now());
    logins[home] = await createCredential(db, home, Date.now());
  }
  broker = await startBroker(Object.assign(new Settings(), { dataDir: folder, mqttPort: 0 }), { logger });
});

afterAll(async () => {
  for (const client of clients) client.end(true);
  for (const socket of sockets) socket.destroy();
  await broker.stop();
  await db.destroy();
  await rm(folder, { recursive: true });
});

async function connected(login: { username: string; password: string }, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.mqttPort}`, { ...login, reconnectPeriod: 0, ...options });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

const closed = (client: MqttClient): Promise<void> => new Promise((resolve) => { client.once('close', () => resolve()); });

async function journalled(): Promise<(Omit<JournalEntry, 'payload'> & { text: string })[]> {
  const reader = await openJournalReader({ folder: join(folder, 'journal'), log: 'up', consumer: 'test' });
  const entries = await reader.readAfter(0, { entriesMax: 10_000, bytesMax: 100_000_000 });
  await reader.close();
  return entries.map(({ payload, ...entry }) => ({ ...entry, text: Buffer.from(payload).toString() }));
}

const withText = async (text: string): Promise<(Omit<JournalEntry, 'payload'> & { text: string })[]> => (await journalled()).filter((entry) => entry.text === text);

async function until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => { setTimeout(resolve, 25); });
  }
  throw new Error(`waited in vain: ${what}`);
}

test.each([0, 1, 2] as const)('a message at QoS %i is in the journal once, with who sent it and how', async (qos) => {
  const client = await connected(logins.h1);
  await client.publishAsync('homes/h1/devices/d1/readings', `qos ${qos}`, { qos });
  const found = await until('the entry', async () => ((await withText(`qos ${qos}`)).length > 0 ? withText(`qos ${qos}`) : undefined));
  expect(found).toEqual([expect.objectContaining({ topic: 'homes/h1/devices/d1/readings', login: logins.h1.username, qos, dup: false, retain: false })]);
  await client.endAsync();
});

test('an unknown topic below the own home is accepted, for quarantine', async () => {
  const client = await connected(logins.h1);
  await client.publishAsync('homes/h1/anything/é', 'strange', { qos: 1, retain: true });
  expect(await withText('strange')).toEqual([expect.objectContaining({ topic: 'homes/h1/anything/é', retain: true })]);
  await client.endAsync();
});

test.each([
  'homes/h2/devices/d1/readings', 'homes/h11/devices/d1/readings', 'other', '$SYS/x', 'homes/h1',
  'homes/h1/devices/d1/rejected', 'homes/h1/devices/d1/commands', 'homes/h1/panels/p/show',
])('publishing on %s closes the connection, is not acknowledged and not journalled', async (topic) => {
  const client = await connected(logins.h1);
  let acknowledged = false;
  const ended = closed(client);
  client.publishAsync(topic, `stray ${topic}`, { qos: 1 }).then(() => { acknowledged = true; }, () => undefined);
  await ended;
  expect(acknowledged).toBe(false);
  expect(await withText(`stray ${topic}`)).toEqual([]);
});

test('publishing outside is a security event that says where, without the payload, at most once a minute for a login', async () => {
  const events = await until('the events', async () => {
    const found = (await listSecurityEvents(db, { home: 'h1' })).items.filter(({ code }) => code === 'HW-MQTT-TOPIC');
    return found.length >= 2 && found;
  });
  expect(events.map(({ detail }) => detail).toSorted()).toEqual(['published on a topic of the service', 'published outside its own home']);
  for (const event of events) expect(event).toMatchObject({ home: 'h1', username: logins.h1.username });
  expect(JSON.stringify(events)).not.toContain('stray');
});

test.each([
  ['a wrong password', (): IClientOptions => ({ username: logins.h1.username, password: 'x' }), 4],
  ["another login's password", (): IClientOptions => ({ username: logins.h1.username, password: logins.h2.password }), 4],
  ['an unknown user', (): IClientOptions => ({ username: 'nobody', password: 'x' }), 4],
  ['no login', (): IClientOptions => ({}), 5],
  ['a last will in another home', (): IClientOptions => ({ ...logins.h1, will: { topic: 'homes/h2/devices/d/status', payload: Buffer.from('offline'), qos: 1, retain: true } }), 5],
  ['a last will on a topic of the service', (): IClientOptions => ({ ...logins.h1, will: { topic: 'homes/h1/devices/d/rejected', payload: Buffer.from('x'), qos: 0, retain: false } }), 5],
  ['protocol version 5', (): IClientOptions => ({ ...logins.h1, protocolVersion: 5 }), 1],
])('%s is refused with its code', async (_what, options, code) => {
  await expect(connectAsync(`mqtt://127.0.0.1:${broker.mqttPort}`, { reconnectPeriod: 0, ...options() })).rejects.toMatchObject({ code });
});

test('a last will is journalled when its connection dies, and not when it says goodbye', async () => {
  const will = { topic: 'homes/h1/devices/d9/status', payload: Buffer.from('offline'), qos: 1, retain: true } as const;
  await (await connected(logins.h1, { will })).endAsync();
  const dying = await connected(logins.h1, { will });
  dying.stream.destroy();
  await until('the will', async () => (await withText('offline')).length > 0);
  expect(await withText('offline')).toEqual([expect.objectContaining({ topic: will.topic, login: logins.h1.username, packetId: 0 })]);
});

test('the same client id in another home, and the same in one home', async () => {
  const first = await connected(logins.h1, { clientId: 'hub' });
  const other = await connected(logins.h2, { clientId: 'hub' });
  await first.publishAsync('homes/h1/devices/d1/readings', 'still there', { qos: 1 });
  const pushedOff = closed(first);
  const second = await connected(logins.h1, { clientId: 'hub' });
  await pushedOff;
  await other.publishAsync('homes/h2/devices/d1/readings', 'me too', { qos: 1 });
  await Promise.all([other.endAsync(), second.endAsync()]);
});

test('a session is clean whatever the client asks for, and nothing is retained', async () => {
  const client = await connected(logins.h1, { clientId: 'stays', clean: false });
  await client.subscribeAsync('homes/h1/#', { qos: 1 });
  await client.publishAsync('homes/h1/devices/d1/status', 'online', { qos: 1, retain: true });
  await client.endAsync();
  const again = await connected(logins.h1, { clientId: 'stays', clean: false });
  const heard: string[] = [];
  again.on('message', (topic) => heard.push(topic));
  const reconnected = await connected(logins.h1, { clientId: 'another' });
  await reconnected.subscribeAsync('homes/h1/#', { qos: 1 });
  reconnected.on('message', (topic) => heard.push(topic));
  await again.publishAsync('homes/h1/devices/d1/readings', 'not for others', { qos: 1 });
  await new Promise((resolve) => { setTimeout(resolve, 100); });
  expect(heard).toEqual([]);
  await Promise.all([again.endAsync(), reconnected.endAsync()]);
});

test('subscriptions reach the own home and no further', async () => {
  const client = await connected(logins.h1);
  const granted = await client.subscribeAsync({
    'homes/h1/devices/+/rejected': { qos: 1 }, 'homes/h2/devices/+/rejected': { qos: 1 },
    'homes/+/devices/d/rejected': { qos: 1 }, '#': { qos: 1 }, '$SYS/#': { qos: 0 }, 'homes/h1/#': { qos: 2 },
  }).catch((error: { packet?: { granted: number[] } }) => error.packet?.granted ?? error);
  const codes = Array.isArray(granted) ? granted.map((one) => (typeof one === 'number' ? one : one.qos)) : granted;
  expect(codes).toEqual([1, 128, 128, 128, 128, 2]);
  await client.endAsync();
});

test('what the service writes to the down log reaches those who subscribed, and nobody else', async () => {
  const own = await connected(logins.h1);
  const foreign = await connected(logins.h2);
  const heard: string[] = [];
  for (const client of [own, foreign]) client.on('message', (topic, payload, { qos }) => heard.push(`${topic} ${payload.toString()} ${qos}`));
  await own.subscribeAsync('homes/h1/devices/+/rejected', { qos: 1 });
  await foreign.subscribeAsync('homes/h2/#', { qos: 0 });
  const down = await openJournalWriter({ folder: join(folder, 'journal'), log: 'down', logger });
  const message = { receivedMs: 1, payload: Buffer.from('why'), login: '', qos: 1, dup: false, retain: false, connection: 0, packetId: 0 } as const;
  await down.appendMany([
    { ...message, topic: 'homes/h1/devices/d1/rejected' },
    { ...message, topic: 'homes/h1/devices/d1/commands' },
    { ...message, topic: 'homes/h2/devices/d1/rejected' },
  ]);
  await until('two messages', () => heard.length >= 2);
  expect(heard.sort()).toEqual(['homes/h1/devices/d1/rejected why 1', 'homes/h2/devices/d1/rejected why 0']);
  await down.close();
  await Promise.all([own.endAsync(), foreign.endAsync()]);
});

test('a revoked login loses its connection within a second, and its last will with it', async () => {
  const login = await createCredential(db, 'h2', Date.now());
  const client = await connected(login, { will: { topic: 'homes/h2/devices/d1/status', payload: Buffer.from('revoked will'), qos: 1, retain: false } });
  await client.publishAsync('homes/h2/devices/d1/readings', 'before', { qos: 1 });
  const ended = closed(client);
  const startedMs = performance.now();
  await revokeCredential(db, 'h2', login.username, Date.now());
  await ended;
  expect(performance.now() - startedMs).toBeLessThan(1_000);
  expect(await withText('revoked will')).toEqual([]);
  await expect(connected(login)).rejects.toMatchObject({ code: 4 });
});

function raw(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connectSocket(broker.mqttPort!, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
}

const field = (text: string): Buffer => Buffer.concat([Buffer.from([text.length >> 8, text.length & 255]), Buffer.from(text)]);

function packet(header: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let rest = body.length; ;) {
    length.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
    if (rest === 0) break;
  }
  return Buffer.concat([Buffer.from([header, ...length]), body]);
}

const connectPacket = ({ username, password }: { username: string; password: string }): Buffer =>
  packet(0x10, field('MQTT'), Buffer.from([4, 0xc2, 0, 60]), field('raw'), field(username), field(password));

const publishPacket = (header: number, id: number, topic: string, payload: string): Buffer =>
  packet(header, field(topic), Buffer.from([id >> 8, id & 255]), Buffer.from(payload));

async function loggedIn(login: { username: string; password: string }): Promise<{ socket: Socket; received: () => Buffer }> {
  const socket = await raw();
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => { received = Buffer.concat([received, chunk]); });
  socket.write(connectPacket(login));
  await until('CONNACK', () => received.length >= 4);
  expect([...received]).toEqual([0x20, 2, 0, 0]);
  received = Buffer.alloc(0);
  return { socket, received: () => received };
}

test('a QoS 2 message sent again before PUBREL is journalled once; after PUBREL the id means a new one', async () => {
  const { socket, received } = await loggedIn(logins.h1);
  const topic = 'homes/h1/devices/d2/readings';
  socket.write(Buffer.concat([publishPacket(0x34, 9, topic, 'exactly'), publishPacket(0x3c, 9, topic, 'exactly')]));
  await until('two PUBREC', () => received().length >= 8);
  expect([...received()]).toEqual([0x50, 2, 0, 9, 0x50, 2, 0, 9]);
  socket.write(publishPacket(0x3c, 9, topic, 'exactly'));
  await until('a third', () => received().length >= 12);
  socket.write(Buffer.from([0x62, 2, 0, 9]));
  await until('PUBCOMP', () => received().length >= 16);
  expect([...received().subarray(12)]).toEqual([0x70, 2, 0, 9]);
  expect(await withText('exactly')).toHaveLength(1);
  socket.write(publishPacket(0x34, 9, topic, 'exactly'));
  await until('PUBREC of the new one', () => received().length >= 20);
  expect(await withText('exactly')).toHaveLength(2);
  socket.destroy();
});

test.each([
  ['no CONNECT first', (): Buffer => publishPacket(0x32, 1, 'homes/h1/devices/d/readings', 'early')],
  ['random bytes', (): Buffer => Buffer.from([0xff, 0x13, 0x77, 0, 0, 1, 2, 3, 4, 5, 6, 7])],
  ['HTTP', (): Buffer => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['a length that never ends', (): Buffer => Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ['a huge CONNECT', (): Buffer => Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])],
  ['two CONNECTs', (): Buffer => Buffer.concat([connectPacket(logins.h1), connectPacket(logins.h1)])],
  ['QoS 3', (): Buffer => Buffer.concat([connectPacket(logins.h1), publishPacket(0x36, 1, 'homes/h1/devices/d/readings', 'x')])],
  ['an empty topic', (): Buffer => Buffer.concat([connectPacket(logins.h1), publishPacket(0x32, 1, '', 'x')])],
  ['a wildcard in a topic', (): Buffer => Buffer.concat([connectPacket(logins.h1), publishPacket(0x32, 1, 'homes/h1/#', 'x')])],
  ['a topic longer than its packet', (): Buffer => Buffer.concat([connectPacket(logins.h1), Buffer.from([0x32, 4, 0xff, 0xff, 1, 1])])],
])('%s closes that connection and no other', async (_what, bytes) => {
  const other = await loggedIn(logins.h2);
  const socket = await raw();
  const ended = new Promise<void>((resolve) => { socket.once('close', () => resolve()); });
  socket.resume();
  socket.write(bytes());
  await ended;
  other.socket.write(publishPacket(0x32, 5, 'homes/h2/devices/d1/readings', 'unharmed'));
  await until('PUBACK', () => other.received().length >= 4);
  other.socket.destroy();
});
