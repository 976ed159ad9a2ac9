import { close, constants, fdatasync, fstat, ftruncate, open, read, readSync, write, writeSync } from 'node:fs';
import { mkdir, open as openFile, readFile, readdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import type { Storage, StorageFile, StorageLock } from './storage.js';

const opened = promisify(open);
const readAt = promisify(read);
const writtenAt = promisify(write);
const synced = promisify(fdatasync);
const truncated = promisify(ftruncate);
const closed = promisify(close);
const statOf = promisify(fstat);

/** Whether an error of the file system says that there is no such file. */
export const isMissing = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'ENOENT';

/**
 * Linux syncs each write of a file that was opened so, exactly as fdatasync after it would: one trip
 * to the thread pool instead of two, which a busy machine takes its time for. Elsewhere the flag is
 * missing, or weaker than what fdatasync does there.
 */
const SYNC_WITH_WRITE = process.platform === 'linux' ? constants.O_DSYNC : 0;

/** The disk of this machine. */
export const diskStorage: Storage = {
  async makeFolder(path) {
    const firstMade = await mkdir(path, { recursive: true });
    if (firstMade === undefined) return;
    for (let made = path; ; made = dirname(made)) {
      await syncFolder(dirname(made));
      if (made === firstMade || made === dirname(made)) return;
    }
  },

  async list(folder) {
    try {
      return await readdir(folder);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },

  async open(path, mode) {
    const durably = mode === 'durable' && SYNC_WITH_WRITE !== 0;
    const flags = mode === 'read' ? constants.O_RDONLY : constants.O_RDWR | constants.O_CREAT | (durably ? SYNC_WITH_WRITE : 0);
    return new DiskFile(await opened(path, flags), durably);
  },

  async readWhole(path) {
    try {
      return await readFile(path);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },

  async replace(path, content) {
    const temporary = `${path}.new`;
    const file = await openFile(temporary, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  },

  async remove(path) {
    await rm(path, { force: true });
  },

  syncFolder,

  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },

  async diskBytes(folder) {
    const { blocks, bsize } = await statfs(folder);
    return blocks * bsize;
  },

  lock: (path) => Promise.resolve(lockOf(path)),
};

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // Folders can't be opened there.
  const folder = await openFile(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const SQLITE_BUSY = 5;

/**
 * SQLite's own file lock, held by an open transaction: it works between threads and processes alike
 * and ends with the process, however that dies. Node has no other lock that does.
 */
function lockOf(path: string): StorageLock | null {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: unknown } | null)?.errcode === SQLITE_BUSY) return null;
    throw error;
  }
  return {
    release: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

class DiskFile implements StorageFile {
  constructor(
    private readonly descriptor: number,
    private readonly syncedByWrite: boolean,
  ) {}

  async size(): Promise<number> {
    return (await statOf(this.descriptor)).size;
  }

  async read(into: Buffer, length: number, at: number): Promise<number> {
    let total = 0;
    while (total < length) {
      const { bytesRead } = await readAt(this.descriptor, into, total, length - total, at + total);
      if (bytesRead === 0) break;
      total += bytesRead;
    }
    return total;
  }

  readNow(into: Buffer, length: number, at: number): number {
    return readSync(this.descriptor, into, 0, length, at);
  }

  async writeDurably(bytes: Buffer, length: number, at: number): Promise<void> {
    let total = 0;
    while (total < length) {
      const { bytesWritten } = await writtenAt(this.descriptor, bytes, total, length - total, at + total);
      total += bytesWritten;
    }
    if (!this.syncedByWrite) await synced(this.descriptor);
  }

  writeNow(bytes: Buffer, length: number, at: number): void {
    const written = writeSync(this.descriptor, bytes, 0, length, at);
    if (written !== length) throw new Error(`wrote ${written} of ${length} bytes`);
  }

  sync(): Promise<void> {
    return synced(this.descriptor);
  }

  truncate(size: number): Promise<void> {
    return truncated(this.descriptor, size);
  }

  async close(): Promise<void> {
    await closed(this.descriptor);
  }
}
