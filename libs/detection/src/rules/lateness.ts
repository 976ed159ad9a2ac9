import type { Reading } from '#libs/telemetry';

/** What comes within this time of happening is in time. */
const IN_TIME_MS = 30_000;

/** True if a reading is judged noticeably after it happened, so that a sentence has to say both times. */
export function isLate(reading: Pick<Reading, 'atMs'>, context: { nowMs: number }): boolean {
  return context.nowMs - reading.atMs > IN_TIME_MS;
}

/** A late alarm waits this long for what came with it and may say that it is over. */
export const LATE_ALARM_WAIT_MS = 5_000;
