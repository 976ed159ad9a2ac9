import { crc32 } from 'node:zlib';
import { CodedError } from '#libs/runtime';
import type { JournalEntry, NewEntry } from './entry.js';

/*
 * A record, little-endian:
 *
 *    0 u32 bytes of the body        8 u48 position             34 u8  flags
 *    4 u32 CRC-32 of the body,     14 u48 received, ms         35 u8  bytes of the login
 *          from the segment's salt 20 u48 connection           36 u16 bytes of the topic
 *                                  26 u32 bytes back to        38 login, topic, payload
 *                                         the batch's start
 *                                  30 u16 packet id
 *                                  32 u16 zero
 *
 * `back` tells which records were written by one commit. Only the last commit of a log can be
 * unsynced, so a damaged record followed by a whole one of a *later* commit is damage to synced
 * bytes, and one that is not is a torn end.
 */
export const HEAD_BYTES = 8;
const FIXED_BYTES = 38;
export const RECORD_BYTES_MAX = 4 * 1024 * 1024;

const FLAG_QOS = 0b0000_0011;
const FLAG_DUP = 0b0000_0100;
const FLAG_RETAIN = 0b0000_1000;
/** Login and topic are ASCII: cheaper to read. */
const FLAG_ASCII = 0b0001_0000;

export interface RecordHead {
  /** Of the whole record. */
  bytes: number;
  position: number;
  receivedMs: number;
  /** Bytes from the batch's first record to this one. */
  back: number;
}

/** An upper bound of the bytes that an entry takes. */
export function recordBytesMax(entry: NewEntry): number {
  return FIXED_BYTES + 3 * (entry.login.length + entry.topic.length) + entry.payload.byteLength;
}

/**
 * Writes one record and returns its length. The buffer has room (see `recordBytesMax`).
 * @throws CodedError HW-JOURNAL-ENTRY if a field does not fit the format; nothing counts as written.
 */
export function writeRecord(into: Buffer, at: number, entry: NewEntry, position: number, back: number, salt: number): number {
  const { login, topic, payload } = entry;
  const namesAt = at + FIXED_BYTES;
  const loginBytes = into.write(login, namesAt, 'utf8');
  const topicBytes = into.write(topic, namesAt + loginBytes, 'utf8');
  const payloadAt = namesAt + loginBytes + topicBytes;
  const bytes = payloadAt + payload.byteLength - at;
  if (loginBytes > 0xff || topicBytes > 0xffff || bytes > RECORD_BYTES_MAX) {
    throw new CodedError('HW-JOURNAL-ENTRY', `An entry of ${bytes} bytes with a topic of ${topicBytes} does not fit`, 'Bound messages before they reach the journal');
  }
  into.set(payload, payloadAt);
  const ascii = loginBytes + topicBytes === login.length + topic.length;
  into.writeUInt32LE(bytes - HEAD_BYTES, at);
  writeU48(into, position, at + 8);
  writeU48(into, entry.receivedMs, at + 14);
  writeU48(into, entry.connection, at + 20);
  into.writeUInt32LE(back, at + 26);
  into.writeUInt16LE(entry.packetId, at + 30);
  into.writeUInt16LE(0, at + 32);
  into[at + 34] = entry.qos | (entry.dup ? FLAG_DUP : 0) | (entry.retain ? FLAG_RETAIN : 0) | (ascii ? FLAG_ASCII : 0);
  into[at + 35] = loginBytes;
  into.writeUInt16LE(topicBytes, at + 36);
  into.writeUInt32LE(crc32(into.subarray(at + HEAD_BYTES, at + bytes), salt), at + 4);
  return bytes;
}

/** The length of the record that begins here, if the first bytes can be one's; 0 if they can't. */
export function recordBytes(from: Buffer, at: number): number {
  const bytes = from.readUInt32LE(at) + HEAD_BYTES;
  return bytes >= FIXED_BYTES && bytes <= RECORD_BYTES_MAX ? bytes : 0;
}

/** Checks the record that begins here and lies in the buffer up to `end`. Null: it is torn or damaged. */
export function checkRecord(from: Buffer, at: number, end: number, salt: number): RecordHead | null {
  if (end - at < FIXED_BYTES) return null;
  const bytes = recordBytes(from, at);
  if (bytes === 0 || at + bytes > end) return null;
  if (crc32(from.subarray(at + HEAD_BYTES, at + bytes), salt) !== from.readUInt32LE(at + 4)) return null;
  if (FIXED_BYTES + from[at + 35]! + from.readUInt16LE(at + 36) > bytes) return null;
  return { bytes, position: readU48(from, at + 8), receivedMs: readU48(from, at + 14), back: from.readUInt32LE(at + 26) };
}

/** The entry of a record that `checkRecord` accepted. The payload stays a view of the buffer. */
export function readEntry(from: Buffer, at: number, head: RecordHead): JournalEntry {
  const flags = from[at + 34]!;
  const loginAt = at + FIXED_BYTES;
  const topicAt = loginAt + from[at + 35]!;
  const payloadAt = topicAt + from.readUInt16LE(at + 36);
  const encoding = (flags & FLAG_ASCII) !== 0 ? 'latin1' : 'utf8';
  return {
    position: head.position,
    receivedMs: head.receivedMs,
    topic: from.toString(encoding, topicAt, payloadAt),
    payload: from.subarray(payloadAt, at + head.bytes),
    login: from.toString(encoding, loginAt, topicAt),
    qos: (flags & FLAG_QOS) as 0 | 1 | 2,
    dup: (flags & FLAG_DUP) !== 0,
    retain: (flags & FLAG_RETAIN) !== 0,
    connection: readU48(from, at + 20),
    packetId: from.readUInt16LE(at + 30),
  };
}

export function writeU48(into: Buffer, value: number, at: number): void {
  into.writeUInt32LE(value >>> 0, at);
  into.writeUInt16LE(Math.floor(value / 0x1_0000_0000), at + 4);
}

export function readU48(from: Buffer, at: number): number {
  return from.readUInt32LE(at) + from.readUInt16LE(at + 4) * 0x1_0000_0000;
}
