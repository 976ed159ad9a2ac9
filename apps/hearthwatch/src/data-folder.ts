import { accessSync, chmodSync, constants, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

/** Volumes of containers may belong to somebody else; then whoever made them decides who reads them. */
function closeToOthers(folder: string): void {
  const { uid, mode } = statSync(folder);
  if (uid === process.getuid?.() && (mode & OTHERS) !== 0) chmodSync(folder, 0o700);
}
