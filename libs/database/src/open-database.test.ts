import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { CodedError } from '#libs/runtime';
import { onEveryDatabase } from '../../../test/harness/databases.js';
import { createPostgresDatabase, postgresIsOurs, startPostgres, type PostgresServer } from '../../../test/harness/postgres.js';
import { openDatabase } from './index.js';
import { NodeSqliteDialect } from './sqlite-dialect.js';

/** The way out is part of an error: what a person reads when the service does not start. */
async function refusal(opening: Promise<unknown>): Promise<CodedError> {
  const error: unknown = await opening.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(CodedError);
  expect((error as CodedError).remedy).not.toBe('');
  return error as CodedError;
}

describe('a SQLite file', () => {
  let folder: string;
  let sqliteFile: string;
  const open = (): ReturnType<typeof openDatabase> => openDatabase({ url: 'sqlite:', sqliteFile });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hearthwatch-'));
    sqliteFile = join(folder, 'data', 'hearthwatch.db');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('is made with its folder, readable by its owner alone, with what SQLite keeps beside it', async () => {
    const database = await open();
    await database.insertInto('changes').values({ subject: 'registry', number: 1 }).execute();
    for (const suffix of ['', '-wal', '-shm']) expect((await stat(sqliteFile + suffix)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700);
    await database.destroy();
  });

  test('is synced at every commit and checks foreign keys', async () => {
    const database = await open();
    const pragma = async (name: string): Promise<unknown> => Object.values((await sql<Record<string, unknown>>`PRAGMA ${sql.raw(name)}`.execute(database)).rows[0]!)[0];
    expect([await pragma('journal_mode'), await pragma('synchronous'), await pragma('foreign_keys')]).toEqual(['wal', 2, 1]);
    await database.destroy();
  });

  test('is left without any of a migration that fails half-way', async () => {
    await (await open()).destroy();
    const database = new Kysely<unknown>({ dialect: new NodeSqliteDialect(sqliteFile) });
    const halfWay = {
      up: async (db: Kysely<unknown>): Promise<void> => {
        await db.schema.createTable('half').addColumn('id', 'text').execute();
        await sql`drop table homes`.execute(db);
        throw new Error('half-way');
      },
    };
    const tables = async (): Promise<string[]> => (await database.introspection.getTables()).map(({ name }) => name);
    const before = await tables();
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(database);
    const done = Object.fromEntries(rows.map(({ name }) => [name, { up: (): Promise<void> => Promise.resolve() }]));
    const { error } = await new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve({ ...done, '2999-01-01-later': halfWay }) } }).migrateToLatest();
    expect(error).toMatchObject({ message: 'half-way' });
    expect(before).toContain('homes');
    expect(await tables()).toEqual(before);
    await database.destroy();
    await (await open()).destroy(); // And the version before still starts.
  });

  test('that is something else is refused and left as it is', async () => {
    await (await open()).destroy();
    const rubbish = Buffer.alloc(20_000, 'this is no database; ');
    await writeFile(sqliteFile, rubbish);
    const error = await refusal(open());
    expect(error.code).toBe('HW-DATABASE-CORRUPT');
    expect(error.line).toContain(sqliteFile);
    expect(error.line).toContain('restore a backup');
    expect(await readFile(sqliteFile)).toEqual(rubbish);
  });

  test('with one damaged page somewhere inside is refused at the start, not found out by an alert', async () => {
    const database = await open();
    const rows = Array.from({ length: 500 }, (_, i) => ({ id: `a${i}`, atMs: i, who: 'x', what: 'y'.repeat(200), subject: null, detailJson: null }));
    await database.insertInto('audit').values(rows).execute();
    await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(database);
    await database.destroy();
    const bytes = await readFile(sqliteFile);
    const page = 4_096 * (Math.floor(bytes.indexOf('y'.repeat(200)) / 4_096));
    bytes.fill(0xff, page, page + 64);
    await writeFile(sqliteFile, bytes);
    expect((await refusal(open())).code).toBe('HW-DATABASE-CORRUPT');
  });

  test('whose end is missing is refused', async () => {
    await (await open()).destroy();
    const bytes = await readFile(sqliteFile);
    await writeFile(sqliteFile, bytes.subarray(0, bytes.length - 3 * 4_096));
    expect((await refusal(open())).code).toBe('HW-DATABASE-CORRUPT');
  });

  test('that is a folder, or below a file, or may not be written to, is refused with what to check', async () => {
    await (await open()).destroy();
    for (const wrong of [folder, join(sqliteFile, 'below', 'hearthwatch.db')]) {
      const error = await refusal(openDatabase({ url: 'sqlite:', sqliteFile: wrong }));
      expect([error.code, error.remedy]).toEqual(['HW-DATABASE-FILE', expect.stringContaining('may write to it')]);
    }
    if (process.getuid?.() === 0) return; // Root may write anywhere.
    await chmod(sqliteFile, 0o400);
    expect((await refusal(open())).code).toBe('HW-DATABASE-FILE');
  });

  test('that another program keeps locked is waited for without blocking, then works', async () => {
    await (await open()).destroy();
    const database = await open();
    const other = new DatabaseSync(sqliteFile);
    other.exec('begin immediate');
    const change = database.insertInto('changes').values({ subject: 'registry', number: 7 }).execute();
    // The thread goes on while the change waits. If it were held up, the change would meet the busy time-out first and fail.
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => { setTimeout(resolve, 5); });
    expect(await Promise.race([change, Promise.resolve('waiting')])).toBe('waiting');
    other.exec('rollback');
    await change;
    other.close();
    await database.destroy();
  });
});

onEveryDatabase((engine) => {
  test('a database that a newer version wrote is refused, whatever is in it', async () => {
    const fresh = await engine.fresh();
    const database = await fresh.open();
    await sql`insert into kysely_migration (name, timestamp) values ('2999-01-01-later', '2999-01-01T00:00:00.000Z')`.execute(database);
    const error = await refusal(openDatabase(fresh));
    expect([error.code, error.remedy]).toEqual(['HW-DATABASE-NEWER', expect.stringContaining('Start that version')]);
  });

  test('a transaction that fails leaves nothing, and the next one works', async () => {
    const database = await (await engine.fresh()).open();
    const failing = database.transaction().execute(async (trx) => {
      await trx.insertInto('changes').values({ subject: 'registry', number: 1 }).execute();
      throw new Error('in the middle');
    });
    await expect(failing).rejects.toThrow('in the middle');
    const refused = database.transaction().execute(async (trx) => {
      await trx.insertInto('changes').values({ subject: 'alerts', number: 1 }).execute();
      await trx.insertInto('changes').values({ subject: 'alerts', number: 2 }).execute();
    });
    await expect(refused).rejects.toMatchObject({ message: expect.stringMatching(/unique/i) });
    await database.transaction().execute((trx) => trx.insertInto('changes').values({ subject: 'credentials', number: 3 }).execute());
    expect(await database.selectFrom('changes').selectAll().execute()).toEqual([{ subject: 'credentials', number: 3 }]);
  });

  test('what one connection has not committed, another does not see; what it has, it does', async () => {
    const fresh = await engine.fresh();
    const [one, two] = [await fresh.open(), await fresh.open()];
    await one.transaction().execute(async (trx) => {
      await trx.insertInto('changes').values({ subject: 'alerts', number: 1 }).execute();
      expect(await two.selectFrom('changes').selectAll().execute()).toEqual([]);
    });
    expect(await two.selectFrom('changes').selectAll().execute()).toHaveLength(1);
  });

  test('numbers, texts and nothing come back as they went in', async () => {
    const database = await (await engine.fresh()).open();
    const row = { home: 'h', device: 'd', firstMs: 0, lastMs: Number.MAX_SAFE_INTEGER, kindsJson: '["ü","😀","\\u0000"]', battery: 12.5, said: null, missed: -1, model: null };
    await database.insertInto('sightings').values(row).execute();
    const [kept] = await database.selectFrom('sightings').selectAll().execute();
    expect({ ...kept }).toStrictEqual(row);
  });
});

const whereKillable = postgresIsOurs ? describe : describe.skip;
whereKillable('a PostgreSQL of the tests’ own', () => {
  let server: PostgresServer;
  beforeEach(async () => { server = await startPostgres(); });
  afterEach(() => server.stop());

  test('that stops in the middle fails what was asked of it, and ends no process', async () => {
    const { url } = await createPostgresDatabase(server);
    const heard: Error[] = [];
    const database = await openDatabase({ url, sqliteFile: '', onError: (error) => { heard.push(error); } });
    await database.insertInto('changes').values({ subject: 'alerts', number: 1 }).execute(); // And its connection is idle from here on.
    const inTheMiddle = database.transaction().execute(async (trx) => {
      await trx.insertInto('changes').values({ subject: 'registry', number: 1 }).execute();
      await server.kill!();
      await new Promise((resolve) => { setTimeout(resolve, 200); }); // Nothing is asked while the connection breaks.
      await trx.insertInto('changes').values({ subject: 'credentials', number: 1 }).execute();
    });
    await expect(inTheMiddle).rejects.toThrow();
    await expect(database.selectFrom('changes').selectAll().execute()).rejects.toThrow();
    expect(heard.length).toBeGreaterThan(0);
    await database.destroy();
    const error = await refusal(openDatabase({ url, sqliteFile: '' }));
    expect([error.code, error.message, error.remedy]).toEqual(['HW-DATABASE-UNREACHABLE', expect.stringContaining('ECONNREFUSED'), expect.stringContaining('HEARTHWATCH_DATABASE_URL')]);
  });

  test('that ends one connection is asked again over another', async () => {
    const { url } = await createPostgresDatabase(server);
    const database = await openDatabase({ url, sqliteFile: '' });
    const [{ pid }] = (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database)).rows as [{ pid: number }];
    const inTheMiddle = database.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx);
      await endConnections(server, pid);
      await trx.insertInto('changes').values({ subject: 'alerts', number: 1 }).execute();
    });
    await expect(inTheMiddle).rejects.toThrow();
    await database.insertInto('changes').values({ subject: 'alerts', number: 2 }).execute();
    expect(await database.selectFrom('changes').select('number').execute()).toEqual([{ number: 2 }]);
    await database.destroy();
  });

  test('that refuses the login says so without the password', async () => {
    const url = new URL(server.url);
    url.password = 'a-secret';
    url.pathname = '/no_such_database';
    const error = await refusal(openDatabase({ url: url.href, sqliteFile: '' }));
    expect(error.line).toContain('no_such_database');
    expect(error.line).not.toContain('a-secret');
  });
});

async function endConnections(server: PostgresServer, but: number): Promise<void> {
  const watcher = await openDatabase({ url: (await createPostgresDatabase(server)).url, sqliteFile: '' });
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where pid = ${but} or (pid <> pg_backend_pid() and state like 'idle%')`.execute(watcher);
  await watcher.destroy();
  await new Promise((resolve) => { setTimeout(resolve, 50); });
}
