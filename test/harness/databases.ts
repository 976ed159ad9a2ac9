import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from '@jest/globals';
import { openDatabase, type Database } from '#libs/database';
import { createPostgresDatabase, POSTGRES_MISSING, postgresAvailable, startPostgres, type PostgresServer } from './postgres.js';

/** A new, empty database of one engine. Closed and removed after the tests of its `describe`. */
export interface FreshDatabase {
  /** What `openDatabase` wants, and another thread or process with it. */
  url: string;
  sqliteFile: string;
  /** Opens one more connection (for PostgreSQL: pool) to it. */
  open: () => Promise<Database>;
}

export interface DatabaseEngine {
  name: 'SQLite' | 'PostgreSQL';
  /** Call inside a test or a before-hook. */
  fresh: () => Promise<FreshDatabase>;
}

/**
 * Runs the same tests on SQLite and on a real PostgreSQL; without one, its tests are shown as
 * skipped and say what to install.
 * ```ts
 * onEveryDatabase((engine) => {
 *   test('…', async () => {
 *     const db = await (await engine.fresh()).open();
 * ```
 */
export function onEveryDatabase(tests: (engine: DatabaseEngine) => void): void {
  describe('on SQLite', () => tests(sqlite()));
  if (postgresAvailable) describe('on PostgreSQL', () => tests(postgres()));
  else {
    console.warn(`skipped on PostgreSQL: ${POSTGRES_MISSING}`);
    describe.skip(`on PostgreSQL (${POSTGRES_MISSING})`, () => tests(postgres()));
  }
}

function sqlite(): DatabaseEngine {
  const opened: Database[] = [];
  const folders: string[] = [];
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.destroy()));
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  });
  return {
    name: 'SQLite',
    fresh: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'hearthwatch-'));
      folders.push(folder);
      return opening({ url: 'sqlite:', sqliteFile: join(folder, 'hearthwatch.db') }, opened);
    },
  };
}

function postgres(): DatabaseEngine {
  const opened: Database[] = [];
  const drops: (() => Promise<void>)[] = [];
  let server: Promise<PostgresServer> | undefined;
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.destroy()));
    for (const drop of drops) await drop();
    await (await server)?.stop();
  });
  return {
    name: 'PostgreSQL',
    fresh: async () => {
      server ??= startPostgres();
      const { url, drop } = await createPostgresDatabase(await server);
      drops.push(drop);
      return opening({ url, sqliteFile: '' }, opened);
    },
  };
}

function opening(where: { url: string; sqliteFile: string }, opened: Database[]): FreshDatabase {
  return {
    ...where,
    open: async () => {
      const database = await openDatabase(where);
      opened.push(database);
      return database;
    },
  };
}
