import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { readU48, writeU48 } from './record.js';
import type { Storage, StorageFile } from './storage.js';

/** Up to where a log is safe from a power cut: readers see no further. */
export interface CommittedEnd {
  /** The last committed position; 0 before the first. */
  position: number;
  /** First position of the segment that is being written; 0 before the first. */
  segment: number;
  /** Where its committed bytes end. */
  offset: number;
}

/*
 * The file `end`, overwritten in place after every sync of a segment, so that readers in other
 * threads and processes hold it open and read it without asking the writer:
 *    0 u48 position   6 u48 segment   12 u48 offset   18 u16 zero   20 u32 CRC-32 of the 20 bytes before
 * It is not synced itself: after a power cut it may be old, never ahead of the segments.
 */
const BYTES = 24;
const TRIES = 5;

export class CommittedEndFile {
  private readonly buffer = Buffer.alloc(BYTES);

  private constructor(private readonly file: StorageFile) {}

  static async open(storage: Storage, folder: string, mode: 'read' | 'write'): Promise<CommittedEndFile> {
    return new CommittedEndFile(await storage.open(join(folder, 'end'), mode));
  }

  /** Null: never written, or torn by a power cut that no writer has yet looked after. */
  read(): CommittedEnd | null {
    for (let tries = 0; tries < TRIES; tries += 1) { // A read beside a write may see half of each.
      if (this.file.readNow(this.buffer, BYTES, 0) < BYTES) continue;
      if (crc32(this.buffer.subarray(0, 20)) !== this.buffer.readUInt32LE(20)) continue;
      return { position: readU48(this.buffer, 0), segment: readU48(this.buffer, 6), offset: readU48(this.buffer, 12) };
    }
    return null;
  }

  write(end: CommittedEnd): void {
    writeU48(this.buffer, end.position, 0);
    writeU48(this.buffer, end.segment, 6);
    writeU48(this.buffer, end.offset, 12);
    this.buffer.writeUInt16LE(0, 18);
    this.buffer.writeUInt32LE(crc32(this.buffer.subarray(0, 20)), 20);
    this.file.writeNow(this.buffer, BYTES, 0);
  }

  /** The same, safe from a power cut. */
  async writeDurably(end: CommittedEnd): Promise<void> {
    this.write(end);
    await this.file.sync();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
