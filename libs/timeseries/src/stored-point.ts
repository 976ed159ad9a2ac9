import type { ClockQuality, Reading } from '#libs/telemetry';
import type { Point } from './time-series.js';

/**
 * A point as both engines store it. `v` holds numbers and booleans (0 or 1), `s` texts; `flags` says
 * which of them counts, so that what an engine may have left of an overwritten point is never read.
 */
export interface StoredPoint {
  v: number | null;
  s: string | null;
  receivedMs: number;
  flags: number;
  resident: string | null;
}

const CLOCKS = ['device', 'arrival', 'wrong'] as const satisfies readonly ClockQuality[];
const TYPES = ['number', 'boolean', 'string'] as const;

/** flags: bits 0–1 clock, 2–3 type of the value, 4 test, 5 has a resident. */
const TYPE_SHIFT = 2;
const TWO_BITS = 0b11;
const TEST = 1 << 4;
const RESIDENT = 1 << 5;

/** Texts become well-formed Unicode and minus zero becomes zero: what every engine gives back as it was. */
export function storedPoint({ value, receivedMs, clock, test, resident }: Reading): StoredPoint {
  const type = TYPES.indexOf(typeof value as (typeof TYPES)[number]);
  return {
    v: typeof value === 'string' ? null : Number(value) + 0,
    s: typeof value === 'string' ? value.toWellFormed() : null,
    receivedMs,
    flags: CLOCKS.indexOf(clock) | (type << TYPE_SHIFT) | (test ? TEST : 0) | (resident === undefined ? 0 : RESIDENT),
    resident: resident === undefined ? null : resident.toWellFormed(),
  };
}

/** The value in the type that was appended. */
export function valueOf({ v, s, flags }: Pick<StoredPoint, 'v' | 's' | 'flags'>): Point['value'] {
  const type = TYPES[(flags >> TYPE_SHIFT) & TWO_BITS];
  if (type === 'string') return s ?? '';
  if (type === 'boolean') return v === 1;
  return v ?? Number.NaN;
}

export function pointOf(home: string, device: string, kind: string, atUs: number, stored: StoredPoint): Point {
  const point: Point = {
    home, device, kind,
    value: valueOf(stored),
    atMs: Math.floor(atUs / 1_000),
    receivedMs: stored.receivedMs,
    clock: CLOCKS[stored.flags & TWO_BITS] ?? 'wrong',
    test: (stored.flags & TEST) !== 0,
  };
  if ((stored.flags & RESIDENT) !== 0) point.resident = stored.resident ?? '';
  return point;
}
