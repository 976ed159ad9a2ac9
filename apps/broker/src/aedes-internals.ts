/* eslint-disable no-underscore-dangle */
import type { Client } from 'aedes';

/**
 * Private parts of aedes 1.2.0 and mqtt-packet that bounding memory needs: neither has a limit on
 * the size of a packet. `aedes-internals.test.ts` fails when a version changes them.
 */
export interface PacketParser {
  /** The packet that has begun; `length` is -1 until it is known. */
  packet: { cmd?: string; qos?: number; length: number };
  /** Takes bytes, emits packets, and returns how many bytes wait for the rest of theirs. */
  parse(bytes: Buffer): number;
}

/** Bytes that wait in a parser for the rest of their packet, from its variable header on. */
export interface Held {
  length: number;
  readUInt16BE(at: number): number;
  toString(encoding: 'utf8', from: number, to: number): string;
}

export function parserOf(client: Client): PacketParser {
  return (client as unknown as { _parser: PacketParser })._parser;
}

export function heldBy(parser: PacketParser): Held {
  return (parser as unknown as { _list: Held })._list;
}
