import { CodedError } from '#libs/runtime';
import type { DatabaseOptions } from './database.js';
import { SQLITE, sqliteCodeOf } from './sqlite-dialect.js';

/** What went wrong while a database was opened, with the way out. Never holds the URL: it has a password in it. */
export function explained(error: unknown, { url, sqliteFile }: DatabaseOptions): CodedError {
  if (error instanceof CodedError) return error;
  const text = textOf(error).replace(/\s*\n\s*/g, ' '); // SQLite lists damage over several lines.
  if (/corrupted migrations|previously executed migration/i.test(text)) {
    return new CodedError('HW-DATABASE-NEWER', 'The database was written by a newer version of the service', 'Start that version, or restore a backup made before the upgrade', { cause: error });
  }
  if (url !== 'sqlite:') {
    return new CodedError('HW-DATABASE-UNREACHABLE', `PostgreSQL can't be used: ${text}`, 'Check HEARTHWATCH_DATABASE_URL, that the server runs, and that its user may create tables', { cause: error });
  }
  const code = sqliteCodeOf(error);
  if (code === SQLITE.NOTADB || code === SQLITE.CORRUPT) {
    return new CodedError('HW-DATABASE-CORRUPT', `The database file ${sqliteFile} is damaged: ${text}`, 'Check the disk, move the file away together with its -wal and -shm files, and restore a backup', { cause: error });
  }
  return new CodedError('HW-DATABASE-FILE', `The database file ${sqliteFile} can't be used: ${text}`, wayOut(code), { cause: error });
}

function wayOut(code: number | undefined): string {
  if (code === SQLITE.BUSY) return 'Another process holds it locked: end that process';
  if (code === SQLITE.FULL) return 'Free space on the disk';
  return 'Check that the folder exists on a writable disk and that the service may write to it';
}

/** Node joins the failures of several addresses into one error without a message of its own. */
function textOf(error: unknown): string {
  const { errors, message } = (error ?? {}) as { errors?: unknown[]; message?: string };
  return Array.isArray(errors) && errors.length > 0 ? errors.map(textOf).join('; ') : message ?? String(error);
}
