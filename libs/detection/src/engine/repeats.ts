import type { Reading } from '#libs/telemetry';
import { setBounded } from './bounded-record.js';
import type { HomeState } from './home-state.js';

/** Readings remembered of each device and kind. */
const REMEMBERED_MAX = 16;
const SERIES_MAX = 256;
/** For a device without a clock only its number says that a message is a repeat, and a device that was reset counts anew. */
const SAME_NUMBER_WITHIN_MS = 5 * 60_000;

/**
 * True if this reading was here before; else it is remembered. A repeat older than what is remembered
 * does no harm: alarms make the same key of it, vital signs are silent about anything but the newest.
 */
export function isRepeat(state: HomeState, reading: Reading, nowMs: number): boolean {
  const series = `${reading.device}|${reading.kind}`;
  const numbered = reading.clock !== 'device' && reading.seq !== undefined;
  const identity = `${numbered ? `#${reading.seq}` : reading.atMs}${reading.test ? 't' : ':'}${String(reading.value)}`;
  const recent = Object.hasOwn(state.recent, series) ? (state.recent[series] ?? []) : [];
  const repeat = recent.some(([known, knownMs]) => known === identity && (!numbered || nowMs - knownMs <= SAME_NUMBER_WITHIN_MS));
  if (!repeat) setBounded(state.recent, series, [...recent.slice(1 - REMEMBERED_MAX), [identity, nowMs]], SERIES_MAX);
  return repeat;
}
