/** Latest time that a reading may carry: its microseconds stay below 2^53 (the year 2255). */
export const TIMESTAMP_MAX_MS = 9_000_000_000_000;

const DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * RFC 3339 with a zone (section 5.6) to milliseconds since 1970 UTC; digits beyond milliseconds are cut
 * off, a leap second counts as the second after. Undefined for anything else: no zone, an impossible
 * date, a time before 1970 or after TIMESTAMP_MAX_MS. By hand, because it runs for every message.
 */
export function parseTimestamp(text: string): number | undefined {
  if (text.length < 20 || text.length > 40) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  if ((year | month | day | hour | minute | second) < 0 || !separators(text)) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;

  const fraction = fractionAt(text, 19);
  if (fraction === undefined) return undefined;
  const zoneMs = zoneAt(text, fraction.end);
  if (zoneMs === undefined) return undefined;
  const atMs = Date.UTC(year, month - 1, day, hour, minute, second) + fraction.ms - zoneMs;
  return atMs >= 0 && atMs <= TIMESTAMP_MAX_MS ? atMs : undefined;
}

/** The number written in `length` digits from `start`, or -1. */
function digits(text: string, start: number, length: number): number {
  let value = 0;
  for (let index = start; index < start + length; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function separators(text: string): boolean {
  const middle = text[10];
  return text[4] === '-' && text[7] === '-' && (middle === 'T' || middle === 't' || middle === ' ')
    && text[13] === ':' && text[16] === ':';
}

function daysOf(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && !leap ? 28 : (DAYS_OF_MONTH[month - 1] ?? 0);
}

/** The milliseconds of an optional fraction that starts at `start`, and where it ends. */
function fractionAt(text: string, start: number): { ms: number; end: number } | undefined {
  if (text[start] !== '.') return { ms: 0, end: start };
  let ms = 0;
  let end = start + 1;
  for (let scale = 100; digits(text, end, 1) >= 0; end++, scale /= 10) {
    ms += Math.trunc(scale) * digits(text, end, 1);
  }
  return end === start + 1 ? undefined : { ms, end };
}

/** How far the zone written at `start` is ahead of UTC, in ms; undefined unless it ends the text. */
function zoneAt(text: string, start: number): number | undefined {
  const sign = text[start];
  if (sign === 'Z' || sign === 'z') return text.length === start + 1 ? 0 : undefined;
  if ((sign !== '+' && sign !== '-') || text.length !== start + 6 || text[start + 3] !== ':') return undefined;
  const hour = digits(text, start + 1, 2);
  const minute = digits(text, start + 4, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return undefined;
  return (sign === '+' ? 1 : -1) * (hour * 60 + minute) * 60_000;
}
