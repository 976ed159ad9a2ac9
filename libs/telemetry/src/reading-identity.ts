import type { Reading } from './reading.js';

/**
 * What makes a reading the same as one before: home, device, kind, time and value. Equal for every
 * delivery of one reading, however often and however late it comes; different for two values of one
 * device and kind in one millisecond.
 */
export function readingIdentity(reading: Reading): string {
  const { value } = reading;
  const written = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return `${reading.home}/${reading.device}/${reading.kind}/${reading.atMs}/${written}`;
}
