import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { readU48, writeU48 } from './record.js';
import type { Storage } from './storage.js';

/*
 * A segment file is named after the position of its first record and begins with
 *    0 "HWJRNL\0\1"   8 u48 first position   14 u16 zero   16 u32 salt   20 u32 CRC-32 of the 20 bytes before
 * The salt is random, made with a log's first segment and kept from then on. It begins every
 * record's checksum, so that no payload can hold bytes that pass for a record.
 */
export const SEGMENT_HEAD_BYTES = 24;
const MAGIC = Buffer.from('HWJRNL\0\u0001', 'latin1');
const NAME = /^(\d{16})\.segment$/;

export function segmentPath(folder: string, firstPosition: number): string {
  return join(folder, `${String(firstPosition).padStart(16, '0')}.segment`);
}

/** First positions of the segments in a log's folder, ascending. */
export async function listSegments(storage: Storage, folder: string): Promise<number[]> {
  const firstPositions: number[] = [];
  for (const name of await storage.list(folder)) {
    const match = NAME.exec(name);
    if (match) firstPositions.push(Number(match[1]));
  }
  return firstPositions.sort((a, b) => a - b);
}

export function segmentHead(firstPosition: number, salt: number): Buffer {
  const head = Buffer.alloc(SEGMENT_HEAD_BYTES);
  MAGIC.copy(head);
  writeU48(head, firstPosition, 8);
  head.writeUInt32LE(salt, 16);
  head.writeUInt32LE(crc32(head.subarray(0, 20)), 20);
  return head;
}

/** The salt of a segment's head; null if the head is torn, damaged or another segment's. */
export function saltOf(head: Buffer, firstPosition: number): number | null {
  const whole = head.length >= SEGMENT_HEAD_BYTES
    && head.subarray(0, MAGIC.length).equals(MAGIC)
    && readU48(head, 8) === firstPosition
    && head.readUInt32LE(20) === crc32(head.subarray(0, 20));
  return whole ? head.readUInt32LE(16) : null;
}

export function newSalt(): number {
  return randomInt(2 ** 32);
}
