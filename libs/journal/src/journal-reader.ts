import { join } from 'node:path';
import { CommittedEndFile, type CommittedEnd } from './committed-end.js';
import { checkConsumerName, loadPosition, savePosition, settlePositions } from './consumers.js';
import { diskStorage, isMissing } from './disk-storage.js';
import type { JournalEntry, LogName } from './entry.js';
import { checkRecord, HEAD_BYTES, readEntry, recordBytes, type RecordHead } from './record.js';
import { corrupt } from './recover.js';
import { listSegments, saltOf, SEGMENT_HEAD_BYTES, segmentPath } from './segment.js';
import type { Storage, StorageFile } from './storage.js';

export interface JournalReaderOptions {
  /** Holds one folder a log. */
  folder: string;
  log: LogName;
  /** Names the saved position: 1 to 64 of a–z, 0–9 and -. One reader a name. */
  consumer: string;
  storage?: Storage;
}

export interface ReadLimits {
  entriesMax: number;
  /** At least one entry is returned, however large. */
  bytesMax: number;
}

/**
 * Opens a log for reading, in any thread or process, whether or not its writer runs. From then on
 * the log keeps what this consumer has not released.
 * @throws CodedError HW-JOURNAL-CONSUMER, HW-JOURNAL-CORRUPT (its saved position can't be read)
 */
export async function openJournalReader(options: JournalReaderOptions): Promise<JournalReader> {
  const { storage = diskStorage, consumer } = options;
  checkConsumerName(consumer);
  const folder = join(options.folder, options.log);
  await storage.makeFolder(folder);
  let saved = await loadPosition(storage, folder, consumer);
  if (saved === null) await savePosition(storage, folder, consumer, saved = 0);
  else await settlePositions(storage, folder);
  return new JournalReader(storage, folder, consumer, saved);
}

/** Where the entries after a position begin. */
interface Cursor {
  after: number;
  segment: number;
  salt: number;
  offset: number;
}

const SKIP_BYTES = 1024 * 1024;

/** Reads committed entries only: none that it returns can disappear later. Calls are made one at a time. */
export class JournalReader {
  private endFile: CommittedEndFile | null = null;
  private file: { segment: number; file: StorageFile } | null = null;
  /** The last call's beginning and end: a call that is repeated or goes on finds its place at once. */
  private cursors: Cursor[] = [];

  /** Use `openJournalReader`. */
  constructor(
    private readonly storage: Storage,
    private readonly folder: string,
    private readonly consumer: string,
    private saved: number,
  ) {}

  /** The position that this consumer released last; 0 if it never did. */
  get savedPosition(): number {
    return this.saved;
  }

  /** The last committed position; 0 before the first. */
  async endPosition(): Promise<number> {
    return (await this.committedEnd())?.position ?? 0;
  }

  /**
   * Entries after a position, in order, from one segment; none at the end. Positions that retention
   * or a logged loss took are passed over.
   * @throws CodedError HW-JOURNAL-CORRUPT
   */
  async readAfter(position: number, limits: ReadLimits): Promise<JournalEntry[]> {
    const end = await this.committedEnd();
    if (end === null || position >= end.position) return [];
    let cursor: Cursor | null = this.cursors.find(({ after }) => after === position) ?? await this.firstCursor(position);
    const entries: JournalEntry[] = [];
    while (cursor !== null) {
      const limit: number = cursor.segment === end.segment ? end.offset : await (await this.open(cursor.segment)).size();
      if (cursor.offset >= limit) {
        const next: Cursor | null = cursor.segment < end.segment ? await this.nextSegment(cursor) : null;
        if (next === null) this.cursors = [{ ...cursor, after: position }]; // Whatever comes here comes after it.
        cursor = next;
        continue;
      }
      const began: Cursor = cursor;
      cursor = await this.readInto(entries, cursor, limit, position, limits);
      if (entries.length > 0) {
        this.cursors = began.after === position ? [began, cursor] : [cursor];
        break;
      }
    }
    return entries;
  }

  /**
   * This consumer will never need entries up to here again: saved for the retention and for its next
   * start, safe from a power cut. Never goes back.
   */
  async release(position: number): Promise<void> {
    if (position <= this.saved) return;
    await savePosition(this.storage, this.folder, this.consumer, position);
    this.saved = position;
  }

  async close(): Promise<void> {
    await this.file?.file.close();
    await this.endFile?.close();
    this.file = null;
    this.endFile = null;
  }

  private async committedEnd(): Promise<CommittedEnd | null> {
    if (this.endFile === null) {
      try {
        this.endFile = await CommittedEndFile.open(this.storage, this.folder, 'read');
      } catch (error) {
        if (isMissing(error)) return null; // The writer has never run.
        throw error;
      }
    }
    return this.endFile.read();
  }

  /** Reads one block from the cursor and adds its entries after `position`; returns where the rest begins. */
  private async readInto(entries: JournalEntry[], cursor: Cursor, limit: number, position: number, { entriesMax, bytesMax }: ReadLimits): Promise<Cursor> {
    const file = await this.open(cursor.segment);
    const available = limit - cursor.offset;
    const wanted = cursor.after < position ? SKIP_BYTES : bytesMax;
    const block = await this.readBlock(file, cursor, Math.min(wanted, available), available);
    let { after, offset } = cursor;
    let at = 0;
    while (entries.length < entriesMax && at < block.length) {
      const head = wholeRecord(block, at, cursor.salt);
      if (head === null) break;
      if (head.position <= after) throw corrupt(segmentPath(this.folder, cursor.segment), offset);
      if (head.position > position) entries.push(readEntry(block, at, head));
      after = head.position;
      at += head.bytes;
      offset += head.bytes;
    }
    if (at === 0) throw corrupt(segmentPath(this.folder, cursor.segment), offset);
    if (at < block.length && entries.length < entriesMax && damaged(block, at)) throw corrupt(segmentPath(this.folder, cursor.segment), offset);
    return { ...cursor, after, offset };
  }

  /** At least one whole record, if there is one: a record larger than wanted is read whole. */
  private async readBlock(file: StorageFile, cursor: Cursor, wanted: number, available: number): Promise<Buffer> {
    const block = Buffer.allocUnsafeSlow(Math.min(Math.max(wanted, 4096), available));
    const read = await file.read(block, block.length, cursor.offset);
    const needed = read >= HEAD_BYTES ? recordBytes(block, 0) : 0;
    if (needed <= read || needed > available) return block.subarray(0, read);
    const larger = Buffer.allocUnsafeSlow(needed);
    return larger.subarray(0, await file.read(larger, needed, cursor.offset));
  }

  private async firstCursor(position: number): Promise<Cursor | null> {
    const segments = await listSegments(this.storage, this.folder);
    const segment = segments.findLast((first) => first <= position + 1) ?? segments[0];
    return segment === undefined ? null : this.beginning(segment);
  }

  private async nextSegment(cursor: Cursor): Promise<Cursor | null> {
    const segment = (await listSegments(this.storage, this.folder)).find((first) => first > cursor.segment);
    return segment === undefined ? null : this.beginning(segment);
  }

  private async beginning(segment: number): Promise<Cursor> {
    const file = await this.open(segment);
    const head = Buffer.alloc(SEGMENT_HEAD_BYTES);
    await file.read(head, SEGMENT_HEAD_BYTES, 0);
    const salt = saltOf(head, segment);
    if (salt === null) throw corrupt(segmentPath(this.folder, segment), 0);
    return { after: segment - 1, segment, salt, offset: SEGMENT_HEAD_BYTES };
  }

  private async open(segment: number): Promise<StorageFile> {
    if (this.file?.segment === segment) return this.file.file;
    await this.file?.file.close();
    this.file = null;
    const file = await this.storage.open(segmentPath(this.folder, segment), 'read');
    this.file = { segment, file };
    return file;
  }
}

const wholeRecord = (block: Buffer, at: number, salt: number): RecordHead | null =>
  block.length - at < HEAD_BYTES ? null : checkRecord(block, at, block.length, salt);

/** Whether a record that can't be read is damaged, rather than only longer than the block. */
function damaged(block: Buffer, at: number): boolean {
  if (block.length - at < HEAD_BYTES) return false;
  const bytes = recordBytes(block, at);
  return bytes === 0 || at + bytes <= block.length;
}
