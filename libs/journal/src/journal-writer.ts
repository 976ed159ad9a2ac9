import { join } from 'node:path';
import { CodedError, createLogger, days, type Logger } from '#libs/runtime';
import { Batch, type Done } from './batch.js';
import { CommittedEndFile, type CommittedEnd } from './committed-end.js';
import { diskStorage } from './disk-storage.js';
import type { LogName, NewEntry } from './entry.js';
import { pruneSegments } from './prune.js';
import { recover, type Recovered } from './recover.js';
import { segmentHead, SEGMENT_HEAD_BYTES, segmentPath } from './segment.js';
import type { Storage, StorageFile, StorageLock } from './storage.js';

export interface JournalWriterOptions {
  /** Holds one folder a log. */
  folder: string;
  log: LogName;
  /** A new segment begins when the next commit would take the current one beyond this. Default 64 MiB. */
  segmentBytesMax?: number;
  /** How long entries are kept at least. Default 30 days. */
  retentionMs?: number;
  /** With less room than this on the disk, nothing is written or acknowledged. Default 512 MiB, on a disk below 4 GiB an eighth of it. */
  freeBytesMin?: number;
  /** How often the room is looked at. Default 1 s. */
  freeCheckEveryMs?: number;
  storage?: Storage;
  logger?: Logger;
  watch?: JournalWatch;
}

/** For measurements: told of each commit. Must not throw. */
export interface JournalWatch {
  commitBegan?(entries: number, bytes: number): void;
  commitEnded?(): void;
}

/** Beyond this a batch is closed and the next begins behind it. */
const BATCH_BYTES_MAX = 4 * 1024 * 1024;
/** Larger buffers are not kept for the next batch. */
const SPARE_BYTES_MAX = 1024 * 1024;

/**
 * Opens a log for writing, after putting its end in order.
 * @throws CodedError HW-JOURNAL-LOCKED (somebody writes it already), HW-JOURNAL-CORRUPT
 */
export async function openJournalWriter(options: JournalWriterOptions): Promise<JournalWriter> {
  const { storage = diskStorage, logger = createLogger('journal') } = options;
  const folder = join(options.folder, options.log);
  await storage.makeFolder(folder);
  const lock = await storage.lock(join(folder, 'writer.lock'));
  if (lock === null) {
    throw new CodedError('HW-JOURNAL-LOCKED', `Another writer has the log ${folder}`, 'Stop the other service, or give this one a data folder of its own');
  }
  let endFile: CommittedEndFile | null = null;
  try {
    endFile = await CommittedEndFile.open(storage, folder, 'write');
    const recovered = await recover(storage, folder, endFile);
    const { cutBytes, lost } = recovered;
    if (cutBytes > 0) logger.warn({ log: options.log, cutBytes, position: recovered.end.position }, 'a torn end of the journal was cut off; nothing acknowledged was in it');
    if (lost !== null) logger.error({ code: 'HW-JOURNAL-LOST', log: options.log, ...lost }, 'positions that were known are no longer in the journal; going on after them');
    return new JournalWriter({ ...options, storage, logger }, folder, { lock, endFile, recovered });
  } catch (error) {
    await endFile?.close();
    await lock.release();
    throw error;
  }
}

/*
 *   append ─▶ gathering ─▶ (closed ones) ─▶ in flight: write + fdatasync ─▶ committed end ─▶ done()
 *
 * One commit is in flight; what arrives meanwhile gathers for the next. So a lone message waits for
 * one sync and a crowd shares it.
 */
export class JournalWriter {
  private readonly storage: Storage;
  private gathering = new Batch();
  private readonly closed: Batch[] = [];
  private inFlight: Batch | null = null;
  private spare: Buffer | undefined;
  private running = false;
  private stopping = false;
  private failure: Error | null = null;
  private short = false;
  private checkDue = true;
  private reserveBytes = 0;
  private bytesSinceCheck = 0;
  private wake: (() => void) | null = null;
  private end: CommittedEnd;
  private nextPosition: number;
  private file: StorageFile | null = null;
  private mustRotate: boolean;
  private readonly checkTimer: NodeJS.Timeout;
  private idle: (() => void) | null = null;
  private waitingBytes = 0;
  /** What was found at the start. */
  readonly recovered: Recovered;

  /** Use `openJournalWriter`. */
  constructor(
    private readonly options: JournalWriterOptions & { storage: Storage; logger: Logger },
    private readonly folder: string,
    private readonly parts: { lock: StorageLock; endFile: CommittedEndFile; recovered: Recovered },
  ) {
    this.storage = options.storage;
    this.recovered = parts.recovered;
    this.end = parts.recovered.end;
    this.nextPosition = this.end.position + 1;
    this.mustRotate = parts.recovered.lost !== null || this.end.segment === 0;
    this.checkTimer = setInterval(() => { this.checkDue = true; }, options.freeCheckEveryMs ?? 1_000);
    this.checkTimer.unref();
  }

  /** The last committed position. */
  get endPosition(): number {
    return this.end.position;
  }

  /** Bytes that wait for their commit. Whoever appends bounds them: the writer takes what it is given. */
  get pendingBytes(): number {
    return this.waitingBytes;
  }

  /** True while the disk is too full to write: appends wait. */
  get holding(): boolean {
    return this.short;
  }

  /** Why this writer is broken for good, or null. */
  get failed(): Error | null {
    return this.failure;
  }

  /**
   * Appends one entry; its fields are copied before this returns. `done` is called once, in the
   * order of the appends, after the bytes are safe from a power cut; or with an error:
   * HW-JOURNAL-ENTRY (this entry does not fit, others go on), HW-JOURNAL-CLOSED, or HW-JOURNAL-WRITE
   * (a write failed: nothing can be acknowledged any more, and the process must end).
   */
  append(entry: NewEntry, done: Done): void {
    if (this.failure !== null || this.stopping) {
      const error = this.failure ?? closedError();
      process.nextTick(() => done(error));
      return;
    }
    if (this.gathering.bytes > BATCH_BYTES_MAX) {
      this.closed.push(this.gathering);
      this.gathering = this.newBatch();
    }
    const before = this.gathering.bytes;
    try {
      this.gathering.add(entry, this.nextPosition, this.recovered.salt, done);
    } catch (error) {
      process.nextTick(() => done(error as Error));
      return;
    }
    this.nextPosition += 1;
    this.waitingBytes += this.gathering.bytes - before;
    this.start();
  }

  /** Appends several in order; resolves when all are safe from a power cut. Errors as with `append`. */
  appendMany(entries: readonly NewEntry[]): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      let waiting = entries.length;
      let failure: Error | undefined;
      for (const entry of entries) {
        this.append(entry, (error) => {
          failure ??= error;
          waiting -= 1;
          if (waiting > 0) return;
          if (failure === undefined) resolve();
          else reject(failure);
        });
      }
    });
  }

  /**
   * Removes segments, oldest first, whose entries are all older than the retention and behind every
   * saved position. Without any consumer nothing goes. Returns how many went.
   */
  prune(nowMs: number): Promise<number> {
    return pruneSegments(this.storage, this.folder, {
      receivedBeforeMs: nowMs - (this.options.retentionMs ?? days(30)),
      keepFromSegment: this.end.segment,
    });
  }

  /** Commits what waits (unless the disk is too full for it), then gives the log free. */
  async close(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    clearInterval(this.checkTimer);
    this.wake?.();
    if (this.running) await new Promise<void>((resolve) => { this.idle = resolve; });
    await this.file?.close().catch(() => undefined);
    await this.parts.endFile.close().catch(() => undefined);
    await this.parts.lock.release();
  }

  private start(): void {
    if (this.running) return;
    this.running = true;
    setImmediate(() => void this.run()); // What this turn of the event loop still reads belongs to the same commit.
  }

  private async run(): Promise<void> {
    try {
      let committing = this.commitNext();
      while (this.inFlight !== null) {
        await committing;
        const committed = this.inFlight;
        committing = this.commitNext(); // The disk works while the acknowledgements go out.
        committing.catch(() => undefined); // Awaited above, after them.
        this.tell(committed);
      }
    } catch (error) {
      this.fail(error);
    }
    this.running = false;
    if (this.idle !== null && this.gathering.bytes === 0) this.idle();
    else if (this.gathering.bytes > 0) this.start();
  }

  private commitNext(): Promise<void> {
    let next = this.closed.shift() ?? null;
    if (next === null && this.gathering.bytes > 0) {
      next = this.gathering;
      this.gathering = this.newBatch();
    }
    this.inFlight = next;
    return next === null ? Promise.resolve() : this.commit(next);
  }

  private async commit(batch: Batch): Promise<void> {
    if (this.checkDue || this.bytesSinceCheck > this.reserveBytes / 4) await this.waitForRoom();
    this.options.watch?.commitBegan?.(batch.dones.length, batch.bytes);
    if (this.mustRotate || this.end.offset + batch.bytes > (this.options.segmentBytesMax ?? SEGMENT_BYTES_MAX)) await this.rotate();
    this.file ??= await this.storage.open(segmentPath(this.folder, this.end.segment), 'durable');
    await this.file.writeDurably(batch.buffer, batch.bytes, this.end.offset);
    this.end = { position: batch.lastPosition, segment: this.end.segment, offset: this.end.offset + batch.bytes };
    this.parts.endFile.write(this.end);
    this.bytesSinceCheck += batch.bytes;
    this.options.watch?.commitEnded?.();
  }

  /** The next commit begins a segment, which exists safely before it is used. */
  private async rotate(): Promise<void> {
    if (!this.mustRotate && this.end.offset <= SEGMENT_HEAD_BYTES) return; // A commit larger than a segment.
    await this.file?.close();
    const segment = this.end.position + 1;
    this.file = await this.storage.open(segmentPath(this.folder, segment), 'durable');
    await this.file.writeDurably(segmentHead(segment, this.recovered.salt), SEGMENT_HEAD_BYTES, 0);
    await this.storage.syncFolder(this.folder);
    this.end = { position: this.end.position, segment, offset: SEGMENT_HEAD_BYTES };
    this.mustRotate = false;
  }

  private async waitForRoom(): Promise<void> {
    for (;;) {
      const [freeBytes, diskBytes] = [await this.storage.freeBytes(this.folder), await this.storage.diskBytes(this.folder)];
      this.reserveBytes = this.options.freeBytesMin ?? Math.min(FREE_BYTES_MIN, Math.floor(diskBytes / DISK_PARTS));
      const short = freeBytes < this.reserveBytes;
      if (short !== this.short) {
        if (short) this.options.logger.error({ code: 'HW-JOURNAL-FULL', log: this.options.log, freeBytes, wantedBytes: this.reserveBytes }, 'the disk is too full: devices are not acknowledged until there is room');
        else this.options.logger.warn({ log: this.options.log, freeBytes }, 'there is room on the disk again');
      }
      this.short = short;
      this.checkDue = false;
      this.bytesSinceCheck = 0;
      if (!short) return;
      if (this.stopping) throw closedError();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, this.options.freeCheckEveryMs ?? 1_000).unref();
      });
    }
  }

  private tell(batch: Batch): void {
    this.waitingBytes -= batch.bytes;
    for (const done of batch.dones) done();
    if (batch.buffer.length <= SPARE_BYTES_MAX) this.spare = batch.buffer;
  }

  private fail(cause: unknown): void {
    const text = cause instanceof Error ? cause.message : String(cause);
    const failure = cause instanceof CodedError ? cause : new CodedError('HW-JOURNAL-WRITE', `The journal can't be written: ${text}`, 'Check the disk and start the service again; nothing unwritten was acknowledged', { cause });
    this.failure = failure;
    const batches = [this.inFlight, ...this.closed, this.gathering];
    this.inFlight = null;
    this.closed.length = 0;
    this.gathering = new Batch();
    this.waitingBytes = 0;
    for (const batch of batches) for (const done of batch?.dones ?? []) done(failure);
  }

  private newBatch(): Batch {
    const batch = new Batch(this.spare);
    this.spare = undefined;
    return batch;
  }
}

const SEGMENT_BYTES_MAX = 64 * 1024 * 1024;
/** What the database and the time series need to go on beside a journal that holds; of a small disk, a share. */
const FREE_BYTES_MIN = 512 * 1024 * 1024;
const DISK_PARTS = 8;

function closedError(): CodedError {
  return new CodedError('HW-JOURNAL-CLOSED', 'The journal was closed before this was written', 'Send it again when the service is back');
}
