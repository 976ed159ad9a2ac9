import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { startBroker, type Broker, type BrokerParts } from '#apps/broker';
import { openDatabase } from '#libs/database';
import { diskStorage, openJournalReader, openJournalWriter, type Storage, type StorageFile } from '#libs/journal';
import { createCredential, registerHome } from '#libs/registry';
import { createLogger, Settings } from '#libs/runtime';
import { RawClient, rawPublish, type RawLogin } from '../harness/raw-mqtt.js';

const logger = createLogger('test', 'silent');
const TOPIC = 'homes/h1/devices/d1/readings';

interface Running {
  folder: string;
  broker: Broker;
  login: RawLogin;
}

let running: Running | undefined;

afterEach(async () => {
  await running?.broker.stop();
  if (running !== undefined) await rm(running.folder, { recursive: true });
  running = undefined;
});

async function start(parts: BrokerParts = {}): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'broker-faults-'));
  const db = await openDatabase({ url: 'sqlite:', sqliteFile: join(folder, 'hearthwatch.db') });
  await registerHome(db, { id: 'h1', timeZone: 'Europe/London' }, Date.now());
  const login = await createCredential(db, 'h1', Date.now());
  await db.destroy();
  const broker = await startBroker(Object.assign(new Settings(), { dataDir: folder, mqttPort: 0 }), { logger, ...parts });
  running = { folder, broker, login };
  return running;
}

async function journalled(folder: string): Promise<string[]> {
  const reader = await openJournalReader({ folder: join(folder, 'journal'), log: 'up', consumer: 'test' });
  const texts: string[] = [];
  for (let position = 0; ;) {
    const entries = await reader.readAfter(position, { entriesMax: 10_000, bytesMax: 64 * 1024 * 1024 });
    if (entries.length === 0) break;
    texts.push(...entries.map(({ payload }) => Buffer.from(payload.subarray(0, 100)).toString()));
    position = entries.at(-1)!.position;
  }
  await reader.close();
  return texts;
}

/** The disk of this machine, whose segments fail to sync while `broken()`. */
function failingStorage(broken: () => boolean): Storage {
  return {
    ...diskStorage,
    async open(path, mode) {
      const file = await diskStorage.open(path, mode);
      const failing: StorageFile = {
        size: () => file.size(),
        read: (into, length, at) => file.read(into, length, at),
        readNow: (into, length, at) => file.readNow(into, length, at),
        writeDurably: async (bytes, length, at) => {
          if (broken()) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
          await file.writeDurably(bytes, length, at);
        },
        writeNow: (bytes, length, at) => file.writeNow(bytes, length, at),
        sync: () => file.sync(),
        truncate: (size) => file.truncate(size),
        close: () => file.close(),
      };
      return failing;
    },
  };
}

test('when a sync fails nothing more is acknowledged, connections close, and the broker asks to end', async () => {
  let broken = false;
  const fatal: Error[] = [];
  const { broker, login, folder } = await start({
    openJournal: (options) => openJournalWriter({ ...options, storage: failingStorage(() => broken) }),
    onFatal: (error) => fatal.push(error),
  });
  const client = await RawClient.logIn(broker.mqttPort!, login, 'a');
  const other = await RawClient.logIn(broker.mqttPort!, login, 'b');
  client.socket.write(rawPublish(1, TOPIC, Buffer.from('safe')));
  await client.until('PUBACK', () => client.acknowledged.length === 1);
  broken = true;
  client.socket.write(rawPublish(2, TOPIC, Buffer.from('lost')));
  await client.until('the end', () => client.closed);
  broken = false; // Even if the disk claims to be well again.
  other.socket.write(rawPublish(3, TOPIC, Buffer.from('later')));
  await sleep(200);
  expect(client.acknowledged).toEqual([1]);
  expect(other.acknowledged).toEqual([]);
  expect(fatal).toEqual([expect.objectContaining({ code: 'HW-JOURNAL-WRITE' })]);
  expect(await journalled(folder)).toEqual(['safe']);
});

test('a full disk holds acknowledgements and memory back, and both go on when there is room', async () => {
  let freeBytes = 0;
  const { broker, login, folder } = await start({
    openJournal: (options) => openJournalWriter({ ...options, freeCheckEveryMs: 20, storage: { ...diskStorage, freeBytes: () => Promise.resolve(freeBytes) } }),
  });
  const client = await RawClient.logIn(broker.mqttPort!, login);
  const payload = Buffer.alloc(50_000, 'x');
  const sent = 200; // 10 MB, of which the broker takes half a megabyte or so into memory.
  const before = process.memoryUsage().rss;
  for (let id = 1; id <= sent; id += 1) client.socket.write(rawPublish(id, TOPIC, payload));
  await sleep(500);
  expect(client.acknowledged).toEqual([]);
  expect(client.socket.writableLength).toBeGreaterThan(1_000_000); // It could not send them all: nobody reads.
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  freeBytes = 1e12;
  await client.until('all PUBACKs', () => client.acknowledged.length === sent, 15_000);
  expect(client.acknowledged).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
  expect(await journalled(folder)).toHaveLength(sent);
});

const BRIDGE = 'homes/h1/zigbee2mqtt/bridge/devices';

test.each([
  ['256 KiB on a topic for readings', TOPIC, 256 * 1024, true],
  ['a byte more', TOPIC, 256 * 1024 + 1, false],
  ['1 MiB below zigbee2mqtt/bridge/', BRIDGE, 1024 * 1024, true],
  ['a byte more there', BRIDGE, 1024 * 1024 + 1, false],
  ['1 MiB on a topic that only looks like it', `homes/h1/devices/d1/${BRIDGE}`, 1024 * 1024, false],
])('%s', async (_what, topic, bytes, accepted) => {
  const { broker, login, folder } = await start();
  const client = await RawClient.logIn(broker.mqttPort!, login);
  client.socket.write(rawPublish(1, topic, Buffer.alloc(bytes, 'x')));
  await client.until('an answer', () => client.closed || client.acknowledged.length > 0);
  expect(client.acknowledged).toEqual(accepted ? [1] : []);
  expect(await journalled(folder)).toHaveLength(accepted ? 1 : 0);
});

test('a declared packet of 268 MB is closed at its first bytes, without memory for it', async () => {
  const { broker, login } = await start();
  const client = await RawClient.logIn(broker.mqttPort!, login);
  client.socket.write(rawPublish(1, TOPIC, Buffer.from('{'), 268_435_455));
  await client.until('the end', () => client.closed, 1_000);
  const bridge = await RawClient.logIn(broker.mqttPort!, login);
  bridge.socket.write(rawPublish(1, BRIDGE, Buffer.from('{'), 268_435_455));
  await bridge.until('the end', () => bridge.closed, 1_000);
});

test('a packet that trickles in does not hold up others, and counts once it is whole', async () => {
  const { broker, login, folder } = await start();
  const slow = await RawClient.logIn(broker.mqttPort!, login, 'slow');
  const quick = await RawClient.logIn(broker.mqttPort!, login, 'quick');
  const bytes = rawPublish(1, TOPIC, Buffer.from('drop by drop'));
  for (const [index, byte] of bytes.entries()) {
    slow.socket.write(Buffer.from([byte]));
    if (index % 10 === 0) {
      quick.socket.write(rawPublish(index + 1, TOPIC, Buffer.from('quick')));
      await quick.until('PUBACK', () => quick.acknowledged.includes(index + 1), 1_000);
    }
    await sleep(2);
  }
  await slow.until('PUBACK', () => slow.acknowledged.length === 1);
  expect((await journalled(folder)).filter((text) => text === 'drop by drop')).toHaveLength(1);
});

test('a client that takes no acknowledgements does not hold up others', async () => {
  const { broker, login, folder } = await start();
  const deaf = await RawClient.logIn(broker.mqttPort!, login, 'deaf');
  const other = await RawClient.logIn(broker.mqttPort!, login, 'other');
  deaf.socket.pause();
  const burst = Buffer.concat(Array.from({ length: 20_000 }, (_, index) => rawPublish(index + 1, TOPIC, Buffer.from('d'))));
  for (let times = 0; times < 10; times += 1) deaf.socket.write(burst);
  await sleep(300);
  other.socket.write(rawPublish(7, TOPIC, Buffer.from('served')));
  await other.until('PUBACK', () => other.acknowledged.includes(7), 2_000);
  expect(await journalled(folder)).toContain('served');
  deaf.socket.destroy();
});

test('stopping finishes what was read: every message of the journal was acknowledged, and the other way round', async () => {
  const { broker, login, folder } = await start();
  const client = await RawClient.logIn(broker.mqttPort!, login);
  for (let id = 1; id <= 5_000; id += 1) client.socket.write(rawPublish(id, TOPIC, Buffer.from(String(id))));
  await client.until('some PUBACKs', () => client.acknowledged.length > 100);
  await broker.stop();
  await client.until('the end', () => client.closed);
  expect((await journalled(folder)).map(Number)).toEqual(client.acknowledged);
  running = undefined;
  await rm(folder, { recursive: true });
});
