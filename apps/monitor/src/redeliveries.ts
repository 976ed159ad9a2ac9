import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { JournalEntry } from '#libs/journal';
import type { Decoded } from '#libs/telemetry';

const REMEMBERED_MAX = 200_000;

/**
 * Recognises an MQTT redelivery: DUP is set, and the same connection has sent the same packet id
 * with the same bytes before. Readings that carry a time or a number of their own are recognised
 * by those instead; this is for the ones that carry neither. Memory is bounded and starts empty
 * after a restart: a repeat is then taken as new, since a duplicate beats a miss.
 */
export class Redeliveries {
  private readonly seen = new LRUCache<string, number>({ max: REMEMBERED_MAX });

  isRepeat(entry: JournalEntry, { readings }: Decoded): boolean {
    if (entry.qos === 0 || readings.every(isNumberedOrTimed)) return false;
    const key = `${entry.connection}/${entry.packetId}`;
    const sum = crc32(entry.payload, crc32(entry.topic));
    if (entry.dup && this.seen.get(key) === sum) return true;
    this.seen.set(key, sum);
    return false;
  }
}

function isNumberedOrTimed({ clock, seq }: Decoded['readings'][number]): boolean {
  return clock === 'device' || seq !== undefined;
}
