import type { Reading } from './reading.js';

/** A prime, so that no power of ten is a multiple of it. */
const NUMBERS = 997;

/**
 * Where a reading lies in the time series: microseconds since 1970, `atMs * 1000` plus 0 to 998
 * made from its value. Two different values of one device and kind in the same millisecond so stay
 * two points, and a repeat lands on its own point, whatever the engine and however often it comes.
 *
 * Numbers: millionths modulo 997. Values of equally many decimals (up to six) therefore share a
 * place only when they differ by a multiple of 997 in the last one: whole numbers never within 996,
 * tenths never within 99.6. Below 2^53 while `atMs` is before the year 2255.
 */
export function pointTimeUs(reading: Pick<Reading, 'atMs' | 'value'>): number {
  return reading.atMs * 1_000 + microsOf(reading.value);
}

function microsOf(value: Reading['value']): number {
  if (typeof value === 'boolean') return value ? NUMBERS + 1 : NUMBERS;
  if (typeof value === 'string') return hashOf(value) % NUMBERS;
  const remainder = Math.round(value * 1e6) % NUMBERS;
  if (Number.isNaN(remainder)) return 0; // Beyond what a double holds; no engine stores it.
  return remainder < 0 ? remainder + NUMBERS : remainder + 0; // + 0: never minus zero.
}

/** FNV-1a, 32 bits, over UTF-16 code units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
