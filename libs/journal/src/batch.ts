import type { NewEntry } from './entry.js';
import { recordBytesMax, writeRecord } from './record.js';

export type Done = (error?: Error) => void;

const FIRST_BYTES = 256 * 1024;

/** Records that gather for one commit, encoded as they come, and who waits for each. */
export class Batch {
  bytes = 0;
  readonly dones: Done[] = [];
  lastPosition = 0;

  constructor(private content: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)) {}

  get buffer(): Buffer {
    return this.content;
  }

  /** @throws CodedError HW-JOURNAL-ENTRY; the batch is then as it was. */
  add(entry: NewEntry, position: number, salt: number, done: Done): void {
    const needed = this.bytes + recordBytesMax(entry);
    if (needed > this.content.length) this.grow(needed);
    this.bytes += writeRecord(this.content, this.bytes, entry, position, this.bytes, salt);
    this.lastPosition = position;
    this.dones.push(done);
  }

  private grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.content.length * 2));
    this.content.copy(larger, 0, 0, this.bytes);
    this.content = larger;
  }
}
