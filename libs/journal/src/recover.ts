import { CodedError } from '#libs/runtime';
import { CommittedEndFile, type CommittedEnd } from './committed-end.js';
import { loadPositions } from './consumers.js';
import { checkRecord, HEAD_BYTES, recordBytes, RECORD_BYTES_MAX } from './record.js';
import { listSegments, newSalt, saltOf, SEGMENT_HEAD_BYTES, segmentPath } from './segment.js';
import type { Storage, StorageFile } from './storage.js';

/** Where a writer goes on, and what it found. */
export interface Recovered {
  end: CommittedEnd;
  salt: number;
  /** Bytes of a torn end that were cut off; none of them was ever acknowledged. */
  cutBytes: number;
  /** Positions that somebody knew of and the log no longer holds; never used again. */
  lost: { from: number; to: number } | null;
}

interface Scan {
  /** The last whole record; `firstPosition - 1` if there is none. */
  position: number;
  /** Where it ends. */
  offset: number;
  /** Where a whole record of a later commit follows a damaged one, if one does. */
  laterAt: number | null;
}

const READ_BYTES = 4 * 1024 * 1024;

/**
 * Brings a log into order after any kind of end, before anything is written:
 * 1. a segment that a crash cut off while it was made is removed;
 * 2. the last segment is read; a torn end, which can only be the last commit's, is cut off;
 * 3. damage in front of a later commit, or before the committed end, is refused, not cut;
 * 4. what is there is synced (a killed process leaves bytes that only the page cache holds);
 * 5. positions go on after all that readers or the committed end know of.
 * @throws CodedError HW-JOURNAL-CORRUPT
 */
export async function recover(storage: Storage, folder: string, endFile: CommittedEndFile): Promise<Recovered> {
  const before = endFile.read();
  const found = await recoverLastSegment(storage, folder, before);
  let known = before?.position ?? 0;
  for (const position of (await loadPositions(storage, folder)).values()) known = Math.max(known, position);
  const lost = known > found.end.position ? { from: found.end.position + 1, to: known } : null;
  const end = lost === null ? found.end : { ...found.end, position: lost.to };
  await endFile.writeDurably(end);
  await storage.syncFolder(folder);
  return { ...found, end, lost };
}

async function recoverLastSegment(storage: Storage, folder: string, before: CommittedEnd | null): Promise<Omit<Recovered, 'lost'>> {
  for (;;) {
    const firstPosition = (await listSegments(storage, folder)).at(-1);
    if (firstPosition === undefined) return { end: { position: 0, segment: 0, offset: 0 }, salt: newSalt(), cutBytes: 0 };
    const path = segmentPath(folder, firstPosition);
    const file = await storage.open(path, 'write');
    try {
      const size = await file.size();
      const head = Buffer.alloc(SEGMENT_HEAD_BYTES);
      await file.read(head, SEGMENT_HEAD_BYTES, 0);
      const salt = saltOf(head, firstPosition);
      const committed = before?.segment === firstPosition ? before.offset : 0;
      if (salt !== null) return { ...await cutTornEnd(file, path, firstPosition, { salt, size, committed }), salt };
      if (size > SEGMENT_HEAD_BYTES || committed > 0) throw corrupt(path, 0);
    } finally {
      await file.close();
    }
    await storage.remove(path); // Its head was never synced, so nothing was ever written behind it.
    await storage.syncFolder(folder);
  }
}

async function cutTornEnd(file: StorageFile, path: string, firstPosition: number, { salt, size, committed }: { salt: number; size: number; committed: number }): Promise<{ end: CommittedEnd; cutBytes: number }> {
  const { position, offset, laterAt } = await scan(file, firstPosition, size, salt);
  if (offset < size) {
    if (laterAt !== null || offset < committed) throw corrupt(path, offset);
    await file.truncate(offset);
  }
  await file.sync();
  return { end: { position, segment: firstPosition, offset }, cutBytes: size - offset };
}

async function scan(file: StorageFile, firstPosition: number, size: number, salt: number): Promise<Scan> {
  let position = firstPosition - 1;
  let offset = SEGMENT_HEAD_BYTES;
  while (offset < size) {
    const block = await readBlock(file, offset, size);
    let at = 0;
    for (let head; (head = checkRecord(block, at, block.length, salt)) !== null && head.position === position + 1; at += head.bytes) position += 1;
    if (at === 0) return { position, offset, laterAt: await findLaterCommit(file, offset, size, { position, salt }) };
    offset += at;
  }
  return { position, offset, laterAt: null };
}

/** A whole record behind `damagedAt` whose commit began behind it too: the damaged bytes had been synced. */
async function findLaterCommit(file: StorageFile, damagedAt: number, size: number, after: { position: number; salt: number }): Promise<number | null> {
  const step = READ_BYTES - RECORD_BYTES_MAX / 2;
  for (let from = damagedAt; from < size; from += step) {
    const block = await readBlock(file, from, size);
    for (let at = 0; at + HEAD_BYTES < block.length; at += 1) {
      const bytes = recordBytes(block, at);
      if (bytes === 0 || at + bytes > block.length) continue;
      const head = checkRecord(block, at, block.length, after.salt);
      if (head !== null && head.position > after.position && from + at - head.back > damagedAt) return from + at;
    }
  }
  return null;
}

async function readBlock(file: StorageFile, offset: number, size: number): Promise<Buffer> {
  const block = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, size - offset));
  return block.subarray(0, await file.read(block, block.length, offset));
}

/** @internal Also what a reader says that meets damage. */
export function corrupt(path: string, offset: number): CodedError {
  return new CodedError(
    'HW-JOURNAL-CORRUPT',
    `The journal's file ${path} is damaged at byte ${offset}, before readings that were acknowledged`,
    'Check the disk. Restore this file from a copy, or move it out of the folder and start again: what it held and no part of the service had read yet is then lost',
  );
}
