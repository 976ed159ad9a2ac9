import { cp, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectAsync } from 'mqtt';
import { eventually, Service, type Login } from '../harness/service.js';

/* A data folder with acknowledged readings, one of its files damaged: what the service says when it is started on it. */

const READINGS = 300;
let original: Service;
let login: Login;
let copies: string;
const begun: Service[] = [];

beforeAll(async () => {
  copies = await mkdtemp(join(tmpdir(), 'hearthwatch-damaged-'));
  original = await Service.create();
  await original.start();
  login = await original.home('h1');
  await publish(original, Array.from({ length: READINGS }, (_, index) => ({ ts: Date.now() - index * 1_000, values: { motion: true } })));
  await eventually(20_000, async () => await counted(original) === READINGS);
  await original.end('SIGTERM');
  for (const file of ['hearthwatch.db', 'series.db']) settle(join(original.dataDir, file));
});
afterAll(async () => {
  for (const service of begun) await service.dispose();
  await original.dispose();
  await rm(copies, { recursive: true, force: true });
});

async function publish(service: Service, messages: object[]): Promise<void> {
  const hub = await connectAsync(service.mqttUrl, { ...login, reconnectPeriod: 0 });
  for (const message of messages) await hub.publishAsync('homes/h1/devices/d1/readings', JSON.stringify(message), { qos: 1 });
  await hub.endAsync();
}

async function counted(service: Service): Promise<number> {
  const { items } = await service.api<{ items: { value: number }[] }>('GET', '/homes/h1/readings?kind=motion&every=1d&fn=count');
  return items.reduce((sum, { value }) => sum + value, 0);
}

/** Everything in the one file, nothing beside it. */
function settle(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

/** Another service on a copy of the folder, with what `damage` did to it. */
async function copyWith(damage: (folder: string) => Promise<void>): Promise<{ service: Service; folder: string }> {
  const folder = await mkdtemp(join(copies, 'copy-'));
  await cp(original.dataDir, folder, { recursive: true });
  await damage(folder);
  const service = await Service.create({ HEARTHWATCH_DATA_DIR: folder });
  begun.push(service);
  return { service, folder };
}

const overwrite = (file: string, share: number, bytes: number) => async (folder: string): Promise<void> => {
  const path = join(folder, file);
  const handle = await open(path, 'r+');
  await handle.write(Buffer.alloc(bytes, 0xa5), 0, bytes, Math.floor((await stat(path)).size * share));
  await handle.close();
};

async function segmentOf(folder: string, log: string): Promise<string> {
  return join('journal', log, (await readdir(join(folder, 'journal', log))).find((name) => name.endsWith('.segment'))!);
}

test.each([
  ['the database, its head', 'HW-DATABASE-CORRUPT', overwrite('hearthwatch.db', 0, 16)],
  ['the database, in the middle', 'HW-DATABASE-CORRUPT', overwrite('hearthwatch.db', 0.5, 8_192)],
  ['the time series, its head', 'HW-SERIES-CORRUPT', overwrite('series.db', 0, 16)],
  ['the journal, in the middle of a segment', 'HW-JOURNAL-CORRUPT', async (folder: string) => overwrite(await segmentOf(folder, 'up'), 0.5, 16)(folder)],
])('%s: the start is refused in one line that names the file and the way out', async (_what, code, damage) => {
  const { service } = await copyWith(damage);
  await expect(service.start()).rejects.toThrow('the service ended with 1');
  expect(service.output).toMatch(new RegExp(`^${code}: [^\n]*(\\.db|\\.segment)[^\n]* [Rr]estore [^\n]*\n$`));
});

test('the time series, in the middle: alarms page all the same, and what arrives meanwhile is stored once the file is gone', async () => {
  const { service, folder } = await copyWith(async (copy) => {
    const pages = (await stat(join(copy, 'series.db'))).size / 4_096;
    await overwrite('series.db', 1 / pages, (pages - 1) * 4_096)(copy); // All but the page that is read at the start.
  });
  const damaged = service.start().catch(() => undefined); // Never ready.
  await eventually(20_000, async () => (await service.failing()).includes('series'));
  await publish(service, [{ values: { sos: true } }]);
  await eventually(10_000, async () => (await service.api<{ items: { rule: string }[] }>('GET', '/alerts?status=open')).items.some(({ rule }) => rule === 'sos'));
  expect(await service.api('GET', '/homes/h1/readings').catch(String)).toMatch(/503.*HW-SERIES-CORRUPT/);
  await service.end('SIGTERM');
  await damaged;
  for (const name of ['series.db', 'series.db-wal', 'series.db-shm']) await rm(join(folder, name), { force: true });
  await service.start();
  const { items } = await eventually(10_000, async () => {
    const found = await service.api<{ items: { kind: string }[] }>('GET', '/homes/h1/readings?kind=sos');
    return found.items.length > 0 && found;
  });
  expect(items).toHaveLength(1);
});
