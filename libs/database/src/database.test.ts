import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { onEveryDatabase } from '../../../test/harness/databases.js';
import { runThread } from '../../../test/harness/source-worker.js';
import { lastChange, nextChange } from './index.js';

const THREAD = join(import.meta.dirname, 'open-and-count.test-thread.ts');

onEveryDatabase((engine) => {
  test('change numbers rise by one', async () => {
    const database = await (await engine.fresh()).open();
    expect(await lastChange(database, 'alerts')).toBe(0);
    expect(await database.transaction().execute((trx) => nextChange(trx, 'alerts'))).toBe(1);
    expect(await database.transaction().execute((trx) => nextChange(trx, 'alerts'))).toBe(2);
    expect(await lastChange(database, 'alerts')).toBe(2);
    expect(await database.transaction().execute((trx) => nextChange(trx, 'alerts', 5))).toBe(3);
    expect(await database.transaction().execute((trx) => nextChange(trx, 'credentials', 2))).toBe(1);
    expect([await lastChange(database, 'alerts'), await lastChange(database, 'credentials')]).toEqual([7, 2]);
  });

  test('several threads open an empty database at once and make changes; none is lost, none is doubled', async () => {
    const { url, sqliteFile, open } = await engine.fresh();
    const threads = Array.from({ length: 4 }, () => runThread<number[]>(THREAD, { url, sqliteFile, changes: 25 }));
    const numbers = (await Promise.all(threads)).flat().sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(await lastChange(await open(), 'registry')).toBe(100);
  });
});
