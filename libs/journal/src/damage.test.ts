import { expect, test } from '@jest/globals';
import { createLogger } from '#libs/runtime';
import { openJournalReader, openJournalWriter, type JournalWriter, type JournalWriterOptions, type NewEntry } from './index.js';
import { writeRecord } from './record.js';
import { SimulatedStorage } from './simulated-storage.js';

const logger = createLogger('test', 'silent');
const FIRST = '/data/journal/up/0000000000000001.segment';
const END = '/data/journal/up/end';
const ALL = { entriesMax: 1_000, bytesMax: 1_000_000 };

const newStorage = (): SimulatedStorage => new SimulatedStorage(() => 0);

const open = (storage: SimulatedStorage, options: Partial<JournalWriterOptions> = {}): Promise<JournalWriter> =>
  openJournalWriter({ folder: '/data/journal', log: 'up', storage, logger, ...options });

const entry = (text: string): NewEntry => ({
  receivedMs: 1, topic: 'homes/h/devices/d/readings', payload: Buffer.from(text), login: 'hub',
  qos: 1, dup: false, retain: false, connection: 1, packetId: 1,
});

async function written(storage: SimulatedStorage, texts: string[], options: Partial<JournalWriterOptions> = {}): Promise<void> {
  const writer = await open(storage, options);
  for (const text of texts) await writer.appendMany([entry(text)]); // A commit each.
  await writer.close();
}

async function texts(storage: SimulatedStorage): Promise<string[]> {
  const reader = await openJournalReader({ folder: '/data/journal', log: 'up', consumer: 'test', storage });
  const all: string[] = [];
  for (let position = 0; ;) {
    const entries = await reader.readAfter(position, ALL);
    if (entries.length === 0) return all;
    all.push(...entries.map(({ payload }) => Buffer.from(payload).toString()));
    position = entries.at(-1)!.position;
  }
}

function flip(storage: SimulatedStorage, path: string, text: string): void {
  const bytes = Buffer.from(storage.bytesOf(path));
  const at = bytes.indexOf(text);
  bytes[at] = bytes[at]! ^ 1;
  storage.tamper(path, bytes);
}

const settled = async (condition: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 500 && !condition(); tries += 1) await new Promise((resolve) => { setTimeout(resolve, 2); });
  expect(condition()).toBe(true);
};

test.each(['first', 'second'])('damage to the %s of three commits is refused, not cut off, and says which file', async (which) => {
  const storage = newStorage();
  await written(storage, ['the first', 'the second', 'the third']);
  storage.tamper(END, null); // Even when nothing tells how far the log was committed.
  flip(storage, FIRST, which);
  await expect(open(storage)).rejects.toMatchObject({ code: 'HW-JOURNAL-CORRUPT', message: expect.stringContaining(FIRST) });
});

test('damage to the last commit is refused when the committed end lies behind it', async () => {
  const storage = newStorage();
  await written(storage, ['the first', 'the last']);
  flip(storage, FIRST, 'last');
  await expect(open(storage)).rejects.toMatchObject({ code: 'HW-JOURNAL-CORRUPT' });
});

test('damage to the head of a segment that holds entries is refused', async () => {
  const storage = newStorage();
  await written(storage, ['one']);
  storage.tamper(END, null);
  flip(storage, FIRST, 'HWJRNL');
  await expect(open(storage)).rejects.toMatchObject({ code: 'HW-JOURNAL-CORRUPT' });
});

test('damage in an older segment stops the reader that comes to it, with what lies before already read', async () => {
  const storage = newStorage();
  await written(storage, ['one', 'two', 'three', 'four'], { segmentBytesMax: 180 });
  flip(storage, FIRST, 'two');
  const reader = await openJournalReader({ folder: '/data/journal', log: 'up', consumer: 'test', storage });
  expect((await reader.readAfter(0, { entriesMax: 1, bytesMax: 1 })).map(({ position }) => position)).toEqual([1]);
  await expect(reader.readAfter(1, ALL)).rejects.toMatchObject({ code: 'HW-JOURNAL-CORRUPT' });
});

test('the way out: with a damaged file moved away the log goes on behind every position that was known', async () => {
  const storage = newStorage();
  await written(storage, ['one', 'two', 'three']);
  storage.tamper(FIRST, null);
  const writer = await open(storage);
  expect(writer.recovered.lost).toEqual({ from: 1, to: 3 });
  await writer.appendMany([entry('four')]);
  expect(writer.endPosition).toBe(4);
  expect(await texts(storage)).toEqual(['four']);
});

test('a position that a consumer saved is never used again, though the disk lost what it stood for', async () => {
  const storage = newStorage();
  await written(storage, ['one', 'two', 'three']);
  const reader = await openJournalReader({ folder: '/data/journal', log: 'up', consumer: 'monitor', storage });
  await reader.release(3);
  const whole = storage.bytesOf(FIRST);
  storage.tamper(FIRST, whole.subarray(0, whole.indexOf('two') - 40)); // A disk that lied about a sync.
  storage.tamper(END, null);
  const writer = await open(storage);
  expect(writer.recovered.lost).toEqual({ from: 2, to: 3 });
  await writer.appendMany([entry('four')]);
  await writer.close();
  const again = await openJournalReader({ folder: '/data/journal', log: 'up', consumer: 'monitor', storage });
  expect((await again.readAfter(3, ALL)).map(({ position }) => position)).toEqual([4]);
  expect((await open(storage)).recovered.lost).toBeNull();
});

test('a payload that looks like a record of a later commit does not turn a torn end into damage', async () => {
  const storage = newStorage();
  const forged = Buffer.alloc(1_000);
  const length = writeRecord(forged, 0, entry('forged'), 99, 0, 0);
  const writer = await open(storage);
  await writer.appendMany([entry('one')]);
  await writer.appendMany([{ ...entry(''), payload: Buffer.concat([Buffer.from('torn'), forged.subarray(0, length)]) }]);
  await writer.close();
  storage.tamper(END, null);
  flip(storage, FIRST, 'torn');
  const recovered = (await open(storage)).recovered;
  expect(recovered.cutBytes).toBeGreaterThan(length);
  expect(await texts(storage)).toEqual(['one']);
});

test('a saved position that can not be read is refused, not taken for zero', async () => {
  const storage = newStorage();
  await written(storage, ['one']);
  storage.tamper('/data/journal/up/consumers/monitor', Buffer.from('1 2\n'));
  await expect(open(storage)).rejects.toMatchObject({ code: 'HW-JOURNAL-CORRUPT' });
  await expect(openJournalReader({ folder: '/data/journal', log: 'up', consumer: 'monitor', storage })).rejects.toMatchObject({ code: 'HW-JOURNAL-CORRUPT' });
});

test('after a failed write everything pending and later is refused, for good, and what was acknowledged is there', async () => {
  const storage = newStorage();
  const writer = await open(storage);
  await writer.appendMany([entry('safe')]);
  storage.writeError = Object.assign(new Error('input/output error'), { code: 'EIO' });
  const outcomes = await Promise.allSettled([writer.appendMany([entry('a')]), writer.appendMany([entry('b')])]);
  storage.writeError = null;
  outcomes.push(...await Promise.allSettled([writer.appendMany([entry('c')])]));
  for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'HW-JOURNAL-WRITE' } });
  expect(writer.failed).toMatchObject({ code: 'HW-JOURNAL-WRITE' });
  storage.restart('power');
  await (await open(storage)).close();
  expect((await texts(storage))[0]).toBe('safe');
});

test('a full disk holds acknowledgements back until there is room again; nothing is lost or refused', async () => {
  const storage = newStorage();
  storage.freeBytesNow = 10;
  const writer = await open(storage, { freeBytesMin: 1_000, freeCheckEveryMs: 2 });
  const acknowledged: string[] = [];
  for (const text of ['one', 'two']) writer.append(entry(text), (error) => { acknowledged.push(error?.message ?? text); });
  await settled(() => writer.holding);
  expect(acknowledged).toEqual([]);
  expect(writer.pendingBytes).toBeGreaterThan(0);
  storage.freeBytesNow = 10_000;
  await settled(() => acknowledged.length === 2);
  expect(acknowledged).toEqual(['one', 'two']);
  expect(writer.holding).toBe(false);
  storage.freeBytesNow = 10; // It is noticed while running too.
  await new Promise((resolve) => { setTimeout(resolve, 10); });
  writer.append(entry('three'), (error) => { acknowledged.push((error as { code?: string } | undefined)?.code ?? 'three'); });
  await settled(() => writer.holding);
  await writer.close();
  expect(acknowledged).toEqual(['one', 'two', 'HW-JOURNAL-CLOSED']);
  expect(await texts(storage)).toEqual(['one', 'two']);
});

test('of a small disk an eighth is kept free, not more than it has', async () => {
  const storage = newStorage();
  storage.diskBytesNow = 8_000_000;
  storage.freeBytesNow = 1_000_001;
  const writer = await open(storage, { freeCheckEveryMs: 2 });
  await writer.appendMany([entry('fits')]);
  storage.freeBytesNow = 999_999;
  await new Promise((resolve) => { setTimeout(resolve, 10); });
  const waiting = writer.appendMany([entry('waits')]);
  await settled(() => writer.holding);
  storage.freeBytesNow = 1_000_001;
  await waiting;
  await writer.close();
  expect(await texts(storage)).toEqual(['fits', 'waits']);
});

test('a segment goes only when it is past the retention and behind every consumer', async () => {
  const storage = newStorage();
  const writer = await open(storage, { segmentBytesMax: 120, retentionMs: 100 });
  for (let number = 1; number <= 5; number += 1) await writer.appendMany([{ ...entry(`m${number}`), receivedMs: number * 1_000 }]);
  expect(await writer.prune(1e9)).toBe(0); // Nobody has read anything.
  const first = await openJournalReader({ folder: '/data/journal', log: 'up', consumer: 'first', storage });
  const second = await openJournalReader({ folder: '/data/journal', log: 'up', consumer: 'second', storage });
  await first.release(5);
  expect(await writer.prune(1e9)).toBe(0);
  await second.release(3);
  expect(await writer.prune(2_100)).toBe(0); // The first entry after segment 1 is not old enough.
  expect(await writer.prune(2_101)).toBe(1);
  expect(await writer.prune(1e9)).toBe(2);
  await second.release(5);
  expect(await writer.prune(1e9)).toBe(1); // The one that is written stays.
  expect(await texts(storage)).toEqual(['m5']);
});
