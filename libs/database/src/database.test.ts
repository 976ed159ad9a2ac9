import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lastChange, nextChange, openDatabase } from './index.js';

test('change numbers rise by one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearthwatch-'));
  const database = await openDatabase({ url: 'sqlite:', sqliteFile: join(folder, 'hearthwatch.db') });
  expect(await lastChange(database, 'alerts')).toBe(0);
  expect(await database.transaction().execute((trx) => nextChange(trx, 'alerts'))).toBe(1);
  expect(await database.transaction().execute((trx) => nextChange(trx, 'alerts'))).toBe(2);
  expect(await lastChange(database, 'alerts')).toBe(2);
  await database.destroy();
});
