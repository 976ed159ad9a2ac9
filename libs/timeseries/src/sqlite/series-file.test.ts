import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Reading } from '#libs/telemetry';
import { openTimeSeries, type TimeSeries } from '../index.js';

let folder: string;
let file: string;
const opened: TimeSeries[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearthwatch-series-'));
  file = join(folder, 'series.db');
});

afterEach(async () => {
  for (const series of opened.splice(0)) await series.close();
  await rm(folder, { recursive: true });
});

async function openFile(readOnly = false): Promise<TimeSeries> {
  const series = await openTimeSeries({ url: 'sqlite:', sqliteFile: file, readOnly });
  opened.push(series);
  return series;
}

const readings = (number: number, home = 'h1'): Reading[] => Array.from({ length: number }, (_, index) => ({
  home, device: `d${index % 50}`, kind: 'power', value: index, atMs: 1_790_000_000_000 + index * 1_000, receivedMs: 1_790_000_000_000 + index * 1_000, clock: 'device', test: false,
}));

test('what was appended is there after closing and opening again', async () => {
  const first = await openFile();
  await first.append(readings(100));
  await first.close();
  expect(await (await openFile()).count()).toBe(100);
});

test('a reader that starts before the writer finds nothing, then what the writer appends', async () => {
  const reader = await openFile(true);
  expect(await reader.latest('h1')).toEqual([]);
  expect(await reader.count()).toBe(0);
  await reader.ping();
  expect(existsSync(file)).toBe(false);
  await writeFile(file, ''); // The writer has made the file, not the tables.
  expect(await reader.raw({ home: 'h1', fromMs: 0, toMs: 1, limit: 1 })).toEqual({ items: [] });
  await (await openFile()).append(readings(3));
  expect(await reader.count()).toBe(3);
});

describe('a file that can not be used is named, with the way out', () => {
  const corrupt = { code: 'HW-SERIES-CORRUPT', remedy: expect.stringContaining('-wal') as unknown };

  test('text where the file should be', async () => {
    await writeFile(file, 'These are not points.'.repeat(100));
    await expect(openFile()).rejects.toMatchObject(corrupt);
    await expect((await openFile(true)).count()).rejects.toMatchObject(corrupt);
  });

  test('another SQLite file', async () => {
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE homes (id TEXT)');
    other.close();
    await expect(openFile()).rejects.toMatchObject(corrupt);
  });

  test('pages overwritten with zeros', async () => {
    const series = await openFile();
    await series.append(readings(20_000));
    await series.close();
    const handle = await open(file, 'r+');
    await handle.write(Buffer.alloc((await stat(file)).size - 4_096), 0, undefined, 4_096);
    await handle.close();
    const damaged = openFile().then((again) => again.append(readings(20_000)));
    await expect(damaged).rejects.toMatchObject(corrupt);
    await expect((await openFile(true)).count()).rejects.toMatchObject(corrupt);
  });

  test('a file cut short', async () => {
    const series = await openFile();
    await series.append(readings(20_000));
    await series.close();
    await truncate(file, 40_960);
    await expect(openFile().then((again) => again.count())).rejects.toMatchObject(corrupt);
  });

  test('a file of a newer version', async () => {
    await (await openFile()).close();
    const newer = new DatabaseSync(file);
    newer.exec('PRAGMA user_version = 2');
    newer.close();
    await expect(openFile()).rejects.toMatchObject({ code: 'HW-SERIES-NEWER' });
  });

  test('a folder that does not exist', async () => {
    file = join(folder, 'missing', 'series.db');
    await expect(openFile()).rejects.toMatchObject({ code: 'HW-SERIES-FILE' });
  });

  (process.getuid?.() === 0 ? test.skip : test)('a file without permission (not run as root)', async () => {
    await (await openFile()).close();
    await chmod(file, 0o000);
    await expect(openFile()).rejects.toMatchObject({ code: 'HW-SERIES-FILE' });
  });
});

test('on a full file system an append rejects and leaves nothing; with room again it goes on', async () => {
  const series = await openFile();
  await series.append(readings(1_000));
  const connection = (series as unknown as { database: DatabaseSync }).database;
  const { page_count: pages } = connection.prepare('PRAGMA page_count').get() as { page_count: number };
  connection.exec(`PRAGMA max_page_count = ${pages + 20}`); // SQLite's own way to say SQLITE_FULL.
  await expect(series.append(readings(50_000, 'h2'))).rejects.toMatchObject({ code: 'HW-SERIES-FULL' });
  expect(await series.count()).toBe(1_000);
  expect(await series.latest('h2')).toEqual([]);
  connection.exec('PRAGMA max_page_count = 1000000');
  expect(await series.append(readings(50_000, 'h2'))).toEqual({ refused: [] });
  expect(await series.count({ home: 'h2' })).toBe(50_000);
});

test('a long prune lets appends through and misses none', async () => {
  const series = await openFile();
  await series.append(readings(90_000).map((one, index) => ({ ...one, device: index % 5 === 0 ? 'rare' : 'd0' })));
  const pruned = series.prune(1_790_000_000_000 + 80_000_000);
  await series.append(readings(5, 'h2'));
  await pruned;
  expect(await series.count({ home: 'h1' })).toBe(10_000);
  expect(await series.count({ home: 'h2' })).toBe(5);
});

test('every commit is synced before it is promised', async () => {
  const series = await openFile();
  const connection = (series as unknown as { database: DatabaseSync }).database;
  expect(connection.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 }); // FULL
  expect(connection.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
});

test('the file and what SQLite lays beside it are the owner\'s alone', async () => {
  await (await openFile()).append(readings(10));
  for (const suffix of ['', '-wal', '-shm']) expect((await stat(file + suffix)).mode & 0o777).toBe(0o600);
});

test('closing twice is closing once', async () => {
  const series = await openFile();
  await series.close();
  await series.close();
  expect((await readFile(file)).subarray(0, 15).toString()).toBe('SQLite format 3');
});
