import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { acknowledge, comment, listAlerts, type Alert } from '#libs/alerts';
import { lastChange, openDatabase, type Database } from '#libs/database';
import { createLogger } from '#libs/runtime';
import { finding, raise } from '../../../../test/harness/seeded-console.js';
import { AlertFeed } from './alert-feed.js';

let folder: string;
let db: Database;
let other: Database;
let run = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearthwatch-feed-'));
  const options = { url: 'sqlite:', sqliteFile: join(folder, 'hearthwatch.db') };
  db = await openDatabase(options);
  other = await openDatabase(options); // The monitor's own connection.
});
afterEach(async () => {
  await other.destroy();
  await db.destroy();
  await rm(folder, { recursive: true });
});

const settled = async (feed: AlertFeed): Promise<void> => {
  const target = await lastChange(db, 'alerts');
  for (let waitedMs = 0; feed.position < target && waitedMs < 5_000; waitedMs += 5) await new Promise((resolve) => { setTimeout(resolve, 5); });
  expect(feed.position).toBe(target);
};

type Act = 'raise' | 'acknowledge' | 'comment' | 'pause';

test('whoever writes and however fast: changes are told in their order, and the last state of every alert is among them', async () => {
  const acts = fc.array(fc.constantFrom<Act>('raise', 'raise', 'acknowledge', 'comment', 'pause'), { minLength: 1, maxLength: 25 });
  await fc.assert(fc.asyncProperty(acts, async (script) => {
    const home = `h${run += 1}`;
    const feed = new AlertFeed(db, createLogger('test', 'silent'), 2);
    await feed.start();
    const told: Alert[] = [];
    feed.listen((alerts) => told.push(...alerts));
    const ids: string[] = [];
    for (const [n, act] of script.entries()) {
      if (act === 'raise') ids.push((await raise(other, [finding(home, `rule-${n}`, 1_000 + n)], 2_000 + n))[0]!.alertId);
      else if (act === 'acknowledge' && ids.length > 0) await acknowledge(db, ids[n % ids.length]!, { who: 'nurse' }, 2_000 + n);
      else if (act === 'comment' && ids.length > 0) await comment(other, ids[n % ids.length]!, { who: 'nurse', note: 'x' }, 2_000 + n);
      else if (act === 'pause') await new Promise((resolve) => { setTimeout(resolve, 4); });
    }
    await settled(feed);
    await feed.stop();
    expect(told.map(({ change }) => change)).toEqual([...new Set(told.map(({ change }) => change))].toSorted((a, b) => a - b));
    const last = new Map(told.map((alert) => [alert.id, alert]));
    expect([...last.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual((await listAlerts(db, { home, limit: 1_000 })).items.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
  }), { numRuns: 25 });
}, 60_000);

test('a feed whose database fails for a while goes on where it was', async () => {
  const feed = new AlertFeed(db, createLogger('test', 'silent'), 2);
  await feed.start();
  const told: Alert[] = [];
  feed.listen((alerts) => told.push(...alerts));
  await other.schema.alterTable('changes').renameTo('away').execute();
  await new Promise((resolve) => { setTimeout(resolve, 30); });
  await other.schema.alterTable('away').renameTo('changes').execute();
  await raise(other, [finding('h1', 'sos', 1_000)], 2_000);
  await settled(feed);
  await feed.stop();
  expect(told).toMatchObject([{ home: 'h1', rule: 'sos' }]);
});
