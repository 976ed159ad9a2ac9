import { PSEUDONYM, type Reading } from '#libs/telemetry';

/** UTF-16 units of a text or a resident; the contract's texts are far shorter. */
export const TEXT_LENGTH_MAX = 8_192;
export const KIND = /^[a-z][a-z0-9_]{0,63}$/;
/** 2^53 microseconds less one millisecond: the year 2255. */
const AT_MS_MAX = 9_007_199_254_739;

/**
 * Why no engine could store a reading, or undefined when all can. Both engines ask this first, so
 * that they hold the same points.
 */
export function whyUnstorable(reading: Reading): string | undefined {
  const { home, device, kind, value, atMs, receivedMs, resident } = reading;
  if (!PSEUDONYM.test(home)) return 'home is not a pseudonym';
  if (!PSEUDONYM.test(device)) return 'device is not a pseudonym';
  if (!KIND.test(kind)) return 'kind is not a lower-case name';
  if (!isTime(atMs)) return 'its time is not between 1970 and 2255';
  if (!isTime(receivedMs)) return 'its time of arrival is not between 1970 and 2255';
  if (typeof value === 'number' && !Number.isFinite(value)) return 'value is not a finite number';
  if (typeof value === 'string' && value.length > TEXT_LENGTH_MAX) return `value is longer than ${TEXT_LENGTH_MAX}`;
  if (resident !== undefined && resident.length > TEXT_LENGTH_MAX) return `resident is longer than ${TEXT_LENGTH_MAX}`;
  return undefined;
}

function isTime(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms >= 0 && ms <= AT_MS_MAX;
}
