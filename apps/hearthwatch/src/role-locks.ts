import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CodedError, type Role } from '#libs/runtime';

/** Held until closed, or until the process ends in whatever way. */
export interface RoleLocks {
  release(): void;
}

/**
 * Takes one lock per role, so that two services never write the same data folder, while roles may
 * be spread over several processes. SQLite's exclusive lock does it: the kernel drops it with the
 * process, so no kill leaves one behind.
 * @throws CodedError HW-DATA-LOCKED
 */
export function lockRoles(dataFolder: string, roles: readonly Role[]): RoleLocks {
  const held: DatabaseSync[] = [];
  const release = (): void => held.splice(0).forEach((database) => database.close());
  try {
    for (const role of roles) held.push(lockRole(join(dataFolder, 'locks', `${role}.lock`)));
    return { release };
  } catch (error) {
    const locked = held.length;
    release();
    if (!isBusy(error)) throw error;
    throw new CodedError('HW-DATA-LOCKED', `Another service runs the role ${roles[locked]} on the data folder ${dataFolder}`, 'Stop that one first, or set HEARTHWATCH_DATA_DIR to another folder', { cause: error });
  }
}

function lockRole(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === SQLITE_BUSY;
}
