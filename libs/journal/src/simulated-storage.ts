import { basename, dirname } from 'node:path';
import type { Storage, StorageFile, StorageLock } from './storage.js';

/** What every operation on a machine without power answers. */
export class PowerLost extends Error {}

const SECTOR_BYTES = 512;

type Change = { at: number; bytes: Buffer } | { size: number };

/** One file: what programs see, what the disk surely has, and the changes between the two. */
interface SimulatedInode {
  content: Buffer;
  safe: Buffer;
  unsafe: Change[];
}

/**
 * A disk for tests, below the journal: it takes its time, and on demand loses power before any
 * operation, runs full, or fails. After a power cut each 512-byte sector that was not synced is
 * there or not, by itself, as are names in folders that were not synced; what was synced is there.
 */
export class SimulatedStorage implements Storage {
  private names = new Map<string, SimulatedInode>();
  private safeNames = new Map<string, SimulatedInode>();
  private readonly locks = new Set<string>();
  private power = 1;
  private operationsLeft = Infinity;
  /** What the disk of this machine still takes; only looked at, as a program would. */
  freeBytesNow = 1e12;
  diskBytesNow = 1e13;
  /** The next writes fail with this. */
  writeError: Error | null = null;

  constructor(private readonly random: () => number) {}

  /** The power goes before the operation after that many. */
  cutPowerAfter(operations: number): void {
    this.operationsLeft = operations;
  }

  get powered(): boolean {
    return this.operationsLeft > 0;
  }

  /** `process`: only the program died, and the page cache is whole. `power`: what was not synced may be gone. */
  restart(after: 'process' | 'power'): void {
    this.power += 1;
    this.operationsLeft = Infinity;
    this.writeError = null;
    this.locks.clear();
    if (after === 'power') this.losePower();
  }

  /** A file's bytes as programs see them, to look at and to damage. */
  bytesOf(path: string): Buffer {
    return this.names.get(path)!.content;
  }

  /** Puts bytes on the disk behind everybody's back. */
  tamper(path: string, bytes: Buffer | null): void {
    if (bytes === null) {
      this.names.delete(path);
      this.safeNames.delete(path);
      return;
    }
    const inode = { content: Buffer.from(bytes), safe: Buffer.from(bytes), unsafe: [] };
    this.names.set(path, inode);
    this.safeNames.set(path, inode);
  }

  async makeFolder(): Promise<void> {
    await this.operation();
  }

  async list(folder: string): Promise<string[]> {
    await this.operation();
    return [...this.names.keys()].filter((path) => dirname(path) === folder).map((path) => basename(path));
  }

  async open(path: string, mode: 'read' | 'write' | 'durable'): Promise<StorageFile> {
    await this.operation();
    let inode = this.names.get(path);
    if (inode === undefined) {
      if (mode === 'read') throw Object.assign(new Error(`no file ${path}`), { code: 'ENOENT' });
      this.names.set(path, inode = { content: Buffer.alloc(0), safe: Buffer.alloc(0), unsafe: [] });
    }
    return this.handle(inode);
  }

  async readWhole(path: string): Promise<Uint8Array | null> {
    await this.operation();
    const inode = this.names.get(path);
    return inode === undefined ? null : Buffer.from(inode.content);
  }

  async replace(path: string, content: Uint8Array): Promise<void> {
    await this.operation();
    this.failIfAsked();
    this.names.set(path, { content: Buffer.from(content), safe: Buffer.from(content), unsafe: [] });
    await this.operation(); // Renamed, and the folder not yet synced.
    this.safeNames.set(path, this.names.get(path)!);
  }

  async remove(path: string): Promise<void> {
    await this.operation();
    this.names.delete(path);
  }

  async syncFolder(folder: string): Promise<void> {
    await this.operation();
    for (const path of new Set([...this.names.keys(), ...this.safeNames.keys()])) {
      if (dirname(path) === folder) settleName(this.safeNames, path, this.names.get(path));
    }
  }

  async freeBytes(): Promise<number> {
    await this.operation();
    return this.freeBytesNow;
  }

  async diskBytes(): Promise<number> {
    await this.operation();
    return this.diskBytesNow;
  }

  async lock(path: string): Promise<StorageLock | null> {
    await this.operation();
    if (this.locks.has(path)) return null;
    this.locks.add(path);
    return { release: async () => void this.locks.delete(path) };
  }

  private handle(inode: SimulatedInode): StorageFile {
    const power = this.power;
    const live = (): void => {
      if (this.power !== power) throw new PowerLost();
    };
    return {
      size: async () => {
        await this.operation(live);
        return inode.content.length;
      },
      read: async (into, length, at) => {
        await this.operation(live);
        return inode.content.copy(into, 0, at, at + length);
      },
      readNow: (into, length, at) => {
        this.operationNow(live);
        return inode.content.copy(into, 0, at, at + length);
      },
      writeDurably: async (bytes, length, at) => {
        await this.operation(live);
        change(inode, { at, bytes: Buffer.from(bytes.subarray(0, length)) });
        this.failIfAsked();
        await this.operation(live); // Written, and not yet synced.
        settle(inode);
      },
      writeNow: (bytes, length, at) => {
        this.operationNow(live);
        this.failIfAsked();
        change(inode, { at, bytes: Buffer.from(bytes.subarray(0, length)) });
      },
      sync: async () => {
        await this.operation(live);
        this.failIfAsked();
        settle(inode);
      },
      truncate: async (size) => {
        await this.operation(live);
        change(inode, { size });
      },
      close: async () => undefined,
    };
  }

  private async operation(live?: () => void): Promise<void> {
    const power = this.power;
    for (let turns = Math.floor(this.random() * 4); turns > 0; turns -= 1) await new Promise((resolve) => { setImmediate(resolve); });
    if (this.power !== power) throw new PowerLost(); // A program of before the restart.
    this.operationNow(live);
  }

  private operationNow(live?: () => void): void {
    live?.();
    if (this.operationsLeft <= 0) throw new PowerLost();
    this.operationsLeft -= 1;
  }

  private failIfAsked(): void {
    if (this.writeError !== null) throw this.writeError;
  }

  private losePower(): void {
    for (const path of new Set([...this.names.keys(), ...this.safeNames.keys()])) {
      if (this.names.get(path) !== this.safeNames.get(path) && this.random() < 0.5) settleName(this.safeNames, path, this.names.get(path));
    }
    for (const inode of new Set(this.safeNames.values())) this.loseUnsafe(inode);
    this.names = new Map(this.safeNames);
  }

  private loseUnsafe(inode: SimulatedInode): void {
    const survival = this.random();
    const survivor = { content: inode.safe, safe: inode.safe, unsafe: [] };
    for (const one of inode.unsafe) {
      if ('size' in one) {
        if (this.random() < survival) change(survivor, one);
        continue;
      }
      for (let from = 0; from < one.bytes.length;) {
        const to = Math.min(one.bytes.length, from + SECTOR_BYTES - ((one.at + from) % SECTOR_BYTES));
        if (this.random() < survival) change(survivor, { at: one.at + from, bytes: one.bytes.subarray(from, to) });
        from = to;
      }
    }
    inode.content = survivor.content;
    inode.safe = survivor.content;
    inode.unsafe = [];
  }
}

function change(inode: SimulatedInode, one: Change): void {
  const size = 'size' in one ? one.size : Math.max(inode.content.length, one.at + one.bytes.length);
  const content = Buffer.alloc(size);
  inode.content.copy(content, 0, 0, Math.min(size, inode.content.length));
  if ('bytes' in one) one.bytes.copy(content, one.at);
  inode.content = content;
  inode.unsafe.push(one);
}

function settle(inode: SimulatedInode): void {
  inode.safe = inode.content;
  inode.unsafe = [];
}

function settleName(names: Map<string, SimulatedInode>, path: string, inode: SimulatedInode | undefined): void {
  if (inode === undefined) names.delete(path);
  else names.set(path, inode);
}
