import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { CodedError } from '#libs/runtime';

/** `HWTS`: tells a series file from any other SQLite file. */
const APPLICATION_ID = 0x48575453;
const SCHEMA_VERSION = 1;
const BUSY_TIMEOUT_MS = 10_000;
const JOURNAL_BYTES_MAX = 64 * 1024 * 1024;
/** Each batch touches a page of every series in it; they must stay in memory between batches. */
const WRITER_CACHE_KIB = 64 * 1024;

const SCHEMA = `
  CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    home TEXT NOT NULL, device TEXT NOT NULL, kind TEXT NOT NULL,
    UNIQUE (home, device, kind)
  ) STRICT;
  CREATE TABLE points (
    series INTEGER NOT NULL,
    atUs INTEGER NOT NULL,      -- pointTimeUs
    v REAL,                     -- numbers; booleans as 0 and 1
    s TEXT,                     -- texts
    lagMs INTEGER NOT NULL,     -- arrival less time: few bytes where the arrival itself takes six
    flags INTEGER NOT NULL,     -- stored-point.ts
    resident TEXT,
    PRIMARY KEY (series, atUs)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Opens the writer's connection and makes the tables in a new file. WAL, so that readers in other
 * threads never wait for it; every commit is synced.
 * @throws CodedError HW-SERIES-CORRUPT, HW-SERIES-NEWER, HW-SERIES-FULL, HW-SERIES-FILE
 */
export function openSeriesFile(file: string): DatabaseSync {
  return guarded(file, () => {
    closeSync(openSync(file, 'a', 0o600)); // How somebody lives is nobody else's business; -wal and -shm take the same mode.
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    try {
      if (stateOf(database, file) === 'new') create(database, file);
      database.exec(`PRAGMA synchronous = FULL; PRAGMA cache_size = -${WRITER_CACHE_KIB}; PRAGMA journal_size_limit = ${JOURNAL_BYTES_MAX};`);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/**
 * Opens a reader's connection; undefined while the writer has not made the file yet.
 * @throws CodedError HW-SERIES-CORRUPT, HW-SERIES-NEWER, HW-SERIES-FILE
 */
export function openSeriesFileReadOnly(file: string): DatabaseSync | undefined {
  if (!existsSync(file)) return undefined;
  return guarded(file, () => {
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, readOnly: true });
    try {
      if (stateOf(database, file) === 'ready') return database;
    } catch (error) {
      database.close();
      throw error;
    }
    database.close();
    return undefined;
  });
}

function create(database: DatabaseSync, file: string): void {
  database.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE;');
  if (stateOf(database, file) === 'new') database.exec(SCHEMA); // Nobody was faster.
  database.exec('COMMIT');
}

function stateOf(database: DatabaseSync, file: string): 'new' | 'ready' {
  const tables = database.prepare('SELECT count(*) AS number FROM sqlite_schema').get()!['number'];
  if (tables === 0) return 'new';
  if (pragma(database, 'application_id') !== APPLICATION_ID) throw corrupt(file, 'it is not a file of series');
  if (pragma(database, 'user_version') > SCHEMA_VERSION) {
    throw new CodedError('HW-SERIES-NEWER', `${file} was written by a newer version of the service`, 'Start that version, or restore a backup made before the upgrade');
  }
  return 'ready';
}

function pragma(database: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()![name]);
}

/** Runs what touches the file, and gives SQLite's errors a code and a way out. */
export function guarded<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explained(error, file);
  }
}

// https://www.sqlite.org/rescode.html; the low byte is the primary code.
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

function explained(error: unknown, file: string): unknown {
  const { errcode, syscall, message } = error as { errcode?: number; syscall?: string; message: string };
  if (errcode === undefined && syscall === undefined) return error; // Coded already, or a mistake of ours.
  switch ((errcode ?? 0) & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return corrupt(file, message, error);
    case SQLITE_FULL:
      return new CodedError('HW-SERIES-FULL', `The disk of ${file} is full; nothing of this batch is stored`, 'Make room on the disk and start again: the readings wait in the journal', { cause: error });
    default:
      return new CodedError('HW-SERIES-FILE', `${file} can't be used: ${message}`, 'Check the disk, its free space and the permissions of the data folder', { cause: error });
  }
}

function corrupt(file: string, why: string, cause?: unknown): CodedError {
  return new CodedError(
    'HW-SERIES-CORRUPT',
    `The series file ${file} is damaged: ${why}`,
    'Stop the service, move the file away together with its -wal and -shm, and restore it from a backup; without one, start again with none: alerts and journal are not touched',
    { cause },
  );
}
