import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { prepareDataFolder, refuseEmptiedDatabase } from './data-folder.js';

let folder: string;
const umask = process.umask();

beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'hearthwatch-')); });
afterEach(async () => {
  process.umask(umask);
  await rm(folder, { recursive: true });
});

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test('a new data folder and what is made in it belong to the service alone', async () => {
  const data = prepareDataFolder(join(folder, 'deep', 'data'));
  await writeFile(join(data, 'hearthwatch.db'), '');
  expect([await modeOf(data), await modeOf(join(data, 'locks')), await modeOf(join(data, 'hearthwatch.db'))]).toEqual(['700', '700', '600']);
});

test('a data folder that others could read is closed to them', async () => {
  await mkdir(join(folder, 'data'));
  await chmod(join(folder, 'data'), 0o755);
  prepareDataFolder(join(folder, 'data'));
  expect(await modeOf(join(folder, 'data'))).toBe('700');
});

test('a folder that cannot be used is named, with the way out', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(() => prepareDataFolder(join(folder, 'file', 'data'))).toThrow(expect.objectContaining({
    code: 'HW-DATA-DIR', message: 'HEARTHWATCH_DATA_DIR is no folder that can be used: ENOTDIR', remedy: expect.stringContaining('may write to'),
  }));
});

test('an emptied database beside a journal in use is refused; a new folder and a removed file are not', async () => {
  await writeFile(join(folder, 'hearthwatch.db'), '');
  expect(() => refuseEmptiedDatabase(folder)).not.toThrow();
  await mkdir(join(folder, 'journal', 'up', 'consumers'), { recursive: true });
  await writeFile(join(folder, 'journal', 'up', 'consumers', 'detection'), '7');
  expect(() => refuseEmptiedDatabase(folder)).toThrow(expect.objectContaining({ code: 'HW-DATABASE-CORRUPT', remedy: expect.stringContaining('backup') }));
  await rm(join(folder, 'hearthwatch.db'));
  expect(() => refuseEmptiedDatabase(folder)).not.toThrow();
});
