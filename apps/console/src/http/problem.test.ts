import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { explain } from './problem.js';

test('a full disk is said to be full, and not taken for a fault of the service', () => {
  const database = new DatabaseSync(':memory:');
  database.exec('PRAGMA max_page_count = 2; CREATE TABLE t (a)');
  let error: unknown;
  try {
    database.exec('INSERT INTO t VALUES (zeroblob(100000))');
  } catch (caught) {
    error = caught;
  }
  database.close();
  expect(explain(error)).toMatchObject({ status: 503, code: 'HW-DATABASE-FILE', remedy: expect.stringContaining('Make room') });
  expect(explain(undefined)).toMatchObject({ status: 500, code: 'HW-HTTP-INTERNAL' });
});
