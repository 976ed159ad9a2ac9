import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLogger } from '#libs/runtime';
import { openJournalReader, openJournalWriter, type NewEntry } from './index.js';

const logger = createLogger('test', 'silent');
const ALL = { entriesMax: 1_000, bytesMax: 1_000_000 };
let folder: string;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'journal-')); });
afterAll(() => rm(folder, { recursive: true }));

const message = (text: string, changes: Partial<NewEntry> = {}): NewEntry => ({
  receivedMs: 1_763_000_000_000, topic: 'homes/h1/devices/d1/readings', payload: Buffer.from(text), login: 'hub-1',
  qos: 1, dup: false, retain: false, connection: 1_763_000_000_123, packetId: 77, ...changes,
});

test('what is appended is read back, every field of it', async () => {
  const writer = await openJournalWriter({ folder: join(folder, 'fields'), log: 'up', logger });
  const reader = await openJournalReader({ folder: join(folder, 'fields'), log: 'up', consumer: 'monitor' });
  const entries = [
    message('one'),
    message('', { topic: 'homes/h1/unknown/é/…', login: '', qos: 0, retain: true, connection: 0, packetId: 0 }),
    message('two', { qos: 2, dup: true, packetId: 65_535, connection: 2 ** 48 - 1, receivedMs: 0 }),
  ];
  await writer.appendMany(entries);
  const read = await reader.readAfter(0, ALL);
  expect(read.map(({ payload, ...entry }) => ({ ...entry, payload: Buffer.from(payload) })))
    .toEqual(entries.map((entry, index) => ({ ...entry, position: index + 1 })));
  expect(await reader.readAfter(3, ALL)).toEqual([]);
  expect(await reader.endPosition()).toBe(3);
  await reader.close();
  await writer.close();
});

test('a second writer of one log is refused, and welcome once the first has gone', async () => {
  const options = { folder: join(folder, 'locked'), log: 'down', logger } as const;
  const first = await openJournalWriter(options);
  await expect(openJournalWriter(options)).rejects.toMatchObject({ code: 'HW-JOURNAL-LOCKED' });
  await first.close();
  await (await openJournalWriter(options)).close();
});

test('entries are read across segments, after a restart too, and a consumer goes on where it released', async () => {
  const options = { folder: join(folder, 'segments'), log: 'up', segmentBytesMax: 500, logger } as const;
  let writer = await openJournalWriter(options);
  for (let number = 1; number <= 20; number += 1) await writer.appendMany([message(`m${number}`)]);
  await writer.close();
  writer = await openJournalWriter(options);
  for (let number = 21; number <= 40; number += 1) await writer.appendMany([message(`m${number}`)]);

  const reader = await openJournalReader({ folder: options.folder, log: 'up', consumer: 'monitor' });
  const texts: string[] = [];
  for (let position = 0; ;) {
    const entries = await reader.readAfter(position, { entriesMax: 3, bytesMax: 10 });
    if (entries.length === 0) break;
    texts.push(...entries.map(({ payload }) => Buffer.from(payload).toString()));
    position = entries.at(-1)!.position;
    await reader.release(position - 1);
  }
  expect(texts).toEqual(Array.from({ length: 40 }, (_, index) => `m${index + 1}`));
  await reader.close();
  const again = await openJournalReader({ folder: options.folder, log: 'up', consumer: 'monitor' });
  expect(again.savedPosition).toBe(39);
  expect((await again.readAfter(39, ALL)).map(({ position }) => position)).toEqual([40]);
  await again.close();
  await writer.close();
});

test('an entry that does not fit is refused alone', async () => {
  const writer = await openJournalWriter({ folder: join(folder, 'misfit'), log: 'up', logger });
  await expect(writer.appendMany([message('x', { login: 'l'.repeat(256) })])).rejects.toMatchObject({ code: 'HW-JOURNAL-ENTRY' });
  await writer.appendMany([message('fits')]);
  expect(writer.endPosition).toBe(1);
  await writer.close();
});
