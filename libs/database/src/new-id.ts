import { randomBytes } from 'node:crypto';

let counter = 0;

/**
 * A UUID of version 7 (RFC 9562) for what happens at `nowMs`: ids sort by their time, and those that
 * one thread makes for the same millisecond sort in the order of the calls (the system's own
 * UUIDs of one millisecond are in no order). 48 bits of time, 32 of a counter, 42 random.
 */
export function newId(nowMs: number): string {
  counter = (counter + 1) >>> 0;
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Math.max(0, Math.trunc(nowMs)), 0, 6);
  bytes.writeUInt16BE(0x7000 | (counter >>> 20), 6);
  bytes.writeUInt32BE((0x8000_0000 | ((counter & 0xf_ffff) << 10) | (bytes.readUInt32BE(8) & 0x3ff)) >>> 0, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
