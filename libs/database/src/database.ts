import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import pg from 'pg';
import { CodedError } from '#libs/runtime';
import * as foundation from './migrations/2026-11-22-foundation.js';
import type { Schema } from './schema.js';
import { NodeSqliteDialect } from './sqlite-dialect.js';

export type Database = Kysely<Schema>;
/** A transaction, or the database itself where one statement is enough. */
export type Executor = Kysely<Schema> | Transaction<Schema>;

/** In the order of their names; a migration is never edited once released. */
const MIGRATIONS: Record<string, Migration> = { '2026-11-22-foundation': foundation };

pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * Opens `sqlite:` (a file of the data folder, shared by the threads of the service) or
 * `postgres://…`, and brings its tables up to date.
 * @throws CodedError HW-DATABASE-CORRUPT, HW-DATABASE-UNREACHABLE, HW-DATABASE-NEWER
 */
export async function openDatabase(options: { url: string; sqliteFile: string; onError?: (error: Error) => void }): Promise<Database> {
  const database = new Kysely<Schema>({ dialect: dialectOf(options) });
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database.destroy().catch(() => undefined);
    throw explained(error, options);
  }
}

function dialectOf({ url, sqliteFile, onError }: { url: string; sqliteFile: string; onError?: (error: Error) => void }): NodeSqliteDialect | PostgresDialect {
  if (url === 'sqlite:') return new NodeSqliteDialect(sqliteFile);
  const pool = new pg.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 5_000 });
  pool.on('error', (error) => onError?.(error)); // Without a listener a stop of the server would end this process.
  return new PostgresDialect({ pool });
}

async function migrate(database: Database): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve(MIGRATIONS) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

function explained(error: unknown, { url, sqliteFile }: { url: string; sqliteFile: string }): Error {
  const text = error instanceof Error ? error.message : String(error);
  if (/corrupted migrations|previously executed migration/i.test(text)) {
    return new CodedError('HW-DATABASE-NEWER', 'The database was written by a newer version of the service', 'Start that version, or restore a backup made before the upgrade', { cause: error });
  }
  if (url === 'sqlite:') {
    return new CodedError('HW-DATABASE-CORRUPT', `The database file ${sqliteFile} can't be opened: ${text}`, 'Check the disk and the permissions; move the file away and restore it from a backup', { cause: error });
  }
  return new CodedError('HW-DATABASE-UNREACHABLE', `PostgreSQL can't be used: ${text}`, 'Check HEARTHWATCH_DATABASE_URL and that the server runs', { cause: error });
}
