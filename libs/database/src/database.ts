import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import pg from 'pg';
import { explained } from './explained.js';
import * as foundation from './migrations/2026-11-22-foundation.js';
import * as decoderMemories from './migrations/2026-11-23-decoder-memories.js';
import * as logins from './migrations/2026-11-24-1-logins.js';
import * as wiring from './migrations/2026-11-24-2-wiring.js';
import * as announcedDevices from './migrations/2026-11-24-3-announced-devices.js';
import * as replays from './migrations/2026-11-24-3-replays.js';
import * as claims from './migrations/2026-11-24-4-claims.js';
import * as tests from './migrations/2026-11-24-5-tests.js';
import type { Schema } from './schema.js';
import { NodeSqliteDialect } from './sqlite-dialect.js';

export type Database = Kysely<Schema>;
/** A transaction, or the database itself where one statement is enough. */
export type Executor = Kysely<Schema> | Transaction<Schema>;

/** Where a database is, and who hears of a connection that broke while nobody was using it. */
export interface DatabaseOptions {
  /** `sqlite:` or `postgres://…` */
  url: string;
  /** The file of `sqlite:`; made, with its folder, if missing. */
  sqliteFile: string;
  onError?: (error: Error) => void;
}

/** In the order of their names; a migration is never edited once released. */
const MIGRATIONS: Record<string, Migration> = {
  '2026-11-22-foundation': foundation,
  '2026-11-23-decoder-memories': decoderMemories,
  '2026-11-24-1-logins': logins,
  '2026-11-24-2-wiring': wiring,
  '2026-11-24-3-announced-devices': announcedDevices,
  '2026-11-24-3-replays': replays,
  '2026-11-24-4-claims': claims,
  '2026-11-24-5-tests': tests,
};

const CONNECTIONS_MAX = 10;
const CONNECT_MAX_MS = 5_000;

pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * Opens `sqlite:` (a file of the data folder, shared by the threads of the service) or
 * `postgres://…`, and brings its tables up to date; several threads and processes may do so at once.
 * A SQLite file is checked through first.
 * @throws CodedError HW-DATABASE-CORRUPT, HW-DATABASE-FILE, HW-DATABASE-UNREACHABLE, HW-DATABASE-NEWER
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const database = new Kysely<Schema>({ dialect: dialectOf(options) });
  try {
    if (options.url === 'sqlite:') await checkPages(database);
    await migrate(database);
    return database;
  } catch (error) {
    await database.destroy().catch(() => undefined);
    throw explained(error, options);
  }
}

function dialectOf({ url, sqliteFile, onError }: DatabaseOptions): NodeSqliteDialect | PostgresDialect {
  if (url === 'sqlite:') return new NodeSqliteDialect(sqliteFile);
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS_MAX, connectionTimeoutMillis: CONNECT_MAX_MS, keepAlive: true });
  // Without these two a stop of the server would end this process: the first hears of idle
  // connections, the second of those between two statements of a transaction.
  pool.on('error', (error) => onError?.(error));
  pool.on('connect', (client) => client.on('error', (error) => onError?.(error)));
  return new PostgresDialect({ pool });
}

/** A damaged page is better found now than by an alert that needs it. */
async function checkPages(database: Database): Promise<void> {
  const { rows } = await sql<{ quick_check: string }>`PRAGMA quick_check(1)`.execute(database);
  const found = rows[0]?.quick_check;
  if (found !== 'ok') throw new DamagedPages(found ?? 'no answer');
}

class DamagedPages extends Error {
  readonly errcode = 11; // SQLITE_CORRUPT
}

async function migrate(database: Database): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve(MIGRATIONS) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
