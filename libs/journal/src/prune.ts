import { loadPositions } from './consumers.js';
import { checkRecord, recordBytes } from './record.js';
import { listSegments, saltOf, SEGMENT_HEAD_BYTES, segmentPath } from './segment.js';
import type { Storage } from './storage.js';

/**
 * Removes the oldest segments that end before `keepFromSegment`, that every consumer's saved
 * position has passed, and after which the next entry came before `receivedBeforeMs` (so all of
 * theirs did). Returns how many it removed.
 */
export async function pruneSegments(storage: Storage, folder: string, { receivedBeforeMs, keepFromSegment }: { receivedBeforeMs: number; keepFromSegment: number }): Promise<number> {
  const saved = [...(await loadPositions(storage, folder)).values()];
  if (saved.length === 0) return 0;
  const passed = Math.min(...saved);
  const segments = await listSegments(storage, folder);
  let removed = 0;
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next === undefined || next > keepFromSegment || next - 1 > passed) break;
    const receivedMs = await firstReceivedMs(storage, folder, next);
    if (receivedMs === null || receivedMs >= receivedBeforeMs) break;
    await storage.remove(segmentPath(folder, segment));
    await storage.syncFolder(folder); // One by one: a power cut leaves no hole in the log.
    removed += 1;
  }
  return removed;
}

/** When a segment's first entry was received; null if it holds none that can be read. */
async function firstReceivedMs(storage: Storage, folder: string, segment: number): Promise<number | null> {
  const file = await storage.open(segmentPath(folder, segment), 'read');
  try {
    const head = Buffer.alloc(SEGMENT_HEAD_BYTES + 8);
    if (await file.read(head, head.length, 0) < head.length) return null;
    const salt = saltOf(head, segment);
    const bytes = recordBytes(head, SEGMENT_HEAD_BYTES);
    if (salt === null || bytes === 0) return null;
    const record = Buffer.alloc(bytes);
    const read = await file.read(record, bytes, SEGMENT_HEAD_BYTES);
    return checkRecord(record, 0, read, salt)?.receivedMs ?? null;
  } finally {
    await file.close();
  }
}
