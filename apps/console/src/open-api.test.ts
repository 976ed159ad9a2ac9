import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openDatabase } from '#libs/database';
import { createLogger, Settings, systemClock } from '#libs/runtime';
import { openTimeSeries } from '#libs/timeseries';
import { PROJECT_ROOT } from './files.js';
import { openApiOf } from './open-api.js';
import { createApp } from './start-console.js';
import { Stores } from './stores.js';

const COPY = join(PROJECT_ROOT, 'docs/openapi.json');

test('docs/openapi.json is what the service says of itself (UPDATE=1 writes it anew)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearthwatch-open-api-'));
  const db = await openDatabase({ url: 'sqlite:', sqliteFile: join(folder, 'hearthwatch.db') });
  const series = await openTimeSeries({ url: 'sqlite:', sqliteFile: join(folder, 'series.db') });
  const app = await createApp(new Stores(db, series, Object.assign(new Settings(), { dataDir: folder }), systemClock, createLogger('test', 'silent')));
  try {
    const text = `${JSON.stringify(openApiOf(app), null, 1)}\n`;
    if (process.env['UPDATE'] === '1') await writeFile(COPY, text);
    expect(JSON.parse(text)).toEqual(JSON.parse(await readFile(COPY, 'utf8')));
    const paths = Object.keys((JSON.parse(text) as { paths: object }).paths);
    expect(paths).toEqual(expect.arrayContaining(['/api/v1/homes', '/api/v1/alerts/{id}/acknowledge', '/api/v1/events', '/health/ready', '/metrics']));
    expect(paths.filter((path) => !/^\/(api\/v1|health)\/|^\/metrics$/.test(path))).toEqual([]); // Pages are for people.
  } finally {
    await app.close();
    await series.close();
    await db.destroy();
    await rm(folder, { recursive: true, force: true });
  }
});
