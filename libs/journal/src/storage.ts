/**
 * What the journal needs from a disk. `diskStorage` is the real one; the tests' simulated one
 * honours the same contract and loses power, runs full and fails on demand.
 */
export interface Storage {
  /** Creates a folder and its parents; they outlive a power cut. */
  makeFolder(path: string): Promise<void>;
  /** Names in a folder, in no order; none if the folder does not exist. */
  list(folder: string): Promise<string[]>;
  /**
   * `read`: the file must exist (else an error with code ENOENT). `write`: made if missing, read and
   * written. `durable`: the same, for a file that is mostly written durably.
   */
  open(path: string, mode: 'read' | 'write' | 'durable'): Promise<StorageFile>;
  /** The whole content, or null if there is no such file. */
  readWhole(path: string): Promise<Uint8Array | null>;
  /** Replaces a file's content as one step that outlives a power cut: old or new, never a mixture. */
  replace(path: string, content: Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes names that were created or removed in a folder outlive a power cut. */
  syncFolder(path: string): Promise<void>;
  /** Bytes that this process may still write on the disk of this folder. */
  freeBytes(folder: string): Promise<number>;
  /** Bytes that the disk of this folder has, free or not. */
  diskBytes(folder: string): Promise<number>;
  /** Takes a lock that ends with the process. Null: somebody else, in this process or another, holds it. */
  lock(path: string): Promise<StorageLock | null>;
}

export interface StorageFile {
  size(): Promise<number>;
  /** Bytes read into the buffer's beginning; fewer than asked only at the end of the file. */
  read(into: Buffer, length: number, at: number): Promise<number>;
  /** The same, at once: for a few bytes that the page cache holds. */
  readNow(into: Buffer, length: number, at: number): number;
  /** Resolves only when all bytes outlive a power cut. After an error nothing may be assumed of the file. */
  writeDurably(bytes: Buffer, length: number, at: number): Promise<void>;
  /** Writes a few bytes at once, seen by other readers of the file, not yet safe from a power cut. */
  writeNow(bytes: Buffer, length: number, at: number): void;
  /** Makes everything written before outlive a power cut. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

export interface StorageLock {
  release(): Promise<void>;
}
