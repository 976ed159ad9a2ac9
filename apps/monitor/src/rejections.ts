import type { JournalEntry } from '#libs/journal';
import type { Decoded } from '#libs/telemetry';

const SHOWN_CHARACTERS_MAX = 200;
const REJECTIONS_PER_MESSAGE_MAX = 5;

/** What a device is told of a message that could not be read, on its own `rejected` topic. */
export function rejectionsOf(entry: JournalEntry, { faults }: Decoded): { topic: string; payload: Uint8Array }[] {
  const shown = Buffer.from(entry.payload.subarray(0, 4 * SHOWN_CHARACTERS_MAX)).toString('utf8').slice(0, SHOWN_CHARACTERS_MAX);
  return faults
    .filter((fault) => fault.home !== null && fault.device !== null)
    .slice(0, REJECTIONS_PER_MESSAGE_MAX)
    .map(({ home, device, code, reason }) => ({
      topic: `homes/${home}/devices/${device}/rejected`,
      payload: Buffer.from(JSON.stringify({ code, reason, payload: shown })),
    }));
}
