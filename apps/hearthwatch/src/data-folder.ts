import { accessSync, chmodSync, constants, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CodedError } from '#libs/runtime';

const OTHERS = 0o077;

/**
 * Makes the data folder if need be, for the service's own user alone, and proves that it can be
 * written. What the process creates from here on is private as well.
 * @returns its absolute path
 * @throws CodedError HW-DATA-DIR
 */
export function prepareDataFolder(dataDir: string): string {
  const folder = resolve(dataDir);
  process.umask(OTHERS);
  try {
    mkdirSync(join(folder, 'locks'), { recursive: true, mode: 0o700 });
    closeToOthers(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const probe = join(folder, 'locks', `write-probe-${process.pid}`);
    writeFileSync(probe, 'x', { flush: true });
    rmSync(probe);
    return folder;
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new CodedError('HW-DATA-DIR', `HEARTHWATCH_DATA_DIR is no folder that can be used: ${why}`, 'Accepted: a folder that the service\'s user may write to, on a disk with space', { cause: error });
  }
}

/**
 * A database file of 0 bytes opens as a new one. Beside a journal that somebody has read, it is one
 * that was lost: going on would forget every home, login and alert without a word.
 * @throws CodedError HW-DATABASE-CORRUPT
 */
export function refuseEmptiedDatabase(folder: string): void {
  const bytes = (name: string): number | undefined => statSync(join(folder, name), { throwIfNoEntry: false })?.size;
  if (bytes('hearthwatch.db') !== 0 || (bytes('hearthwatch.db-wal') ?? 0) > 0 || !wasRead(join(folder, 'journal', 'up', 'consumers'))) return;
  throw new CodedError('HW-DATABASE-CORRUPT', 'The database file hearthwatch.db is empty, but the journal beside it was in use', 'Restore hearthwatch.db from a backup; to begin anew on purpose, remove the file');
}

function wasRead(consumers: string): boolean {
  return statSync(consumers, { throwIfNoEntry: false })?.isDirectory() === true && readdirSync(consumers).length > 0;
}

/** Volumes of containers may belong to somebody else; then whoever made them decides who reads them. */
function closeToOthers(folder: string): void {
  const { uid, mode } = statSync(folder);
  if (uid === process.getuid?.() && (mode & OTHERS) !== 0) chmodSync(folder, 0o700);
}
