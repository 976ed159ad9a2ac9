import { BEHIND_MAX_MS, readingsClockMs, type DetectionClock } from '#libs/detection';
import type { Reading } from '#libs/telemetry';

/**
 * How far detection's time has come. With the system's clock that is the arrival of the last entry
 * read, and the clock itself only when the journal's end has been reached, so a backlog raises
 * nothing false. With the readings' clock (replays, demo) the readings themselves tell the time.
 * Never goes back.
 */
export interface DetectionTime {
  readonly clock: DetectionClock;
  /** The newest time of all; saved with the position. */
  readonly newestMs: number;
  /** The time that every home has reached at least. */
  readonly everywhereMs: number;
  /** An entry of a home was read. */
  entry(home: string, receivedMs: number, readings: readonly Reading[]): void;
  /** The journal's end has been reached at this moment of the system's clock. */
  quiet(clockMs: number): void;
  /** A home's time. */
  of(home: string): number;
}

/** `newestMs` is what the last checkpoint saved, 0 at the first start. */
export function detectionTime(clock: DetectionClock, newestMs: number): DetectionTime {
  return clock === 'system' ? new SystemTime(newestMs) : new ReadingsTime(newestMs);
}

/** Entries are stamped before they are committed, so the journal's end trails the clock a little. */
const QUIET_MARGIN_MS = 1_000;

class SystemTime implements DetectionTime {
  readonly clock = 'system';

  constructor(public newestMs: number) {}

  get everywhereMs(): number {
    return this.newestMs;
  }

  entry(_home: string, receivedMs: number): void {
    this.newestMs = Math.max(this.newestMs, receivedMs);
  }

  quiet(clockMs: number): void {
    this.newestMs = Math.max(this.newestMs, clockMs - QUIET_MARGIN_MS);
  }

  of(): number {
    return this.newestMs;
  }
}

class ReadingsTime implements DetectionTime {
  readonly clock = 'readings';
  /** After a restart it begins empty: the homes' own states remember how far they were. */
  private readonly newestByHome = new Map<string, number>();

  constructor(public newestMs: number) {}

  get everywhereMs(): number {
    return Math.max(0, this.newestMs - BEHIND_MAX_MS);
  }

  /** What carries no time of its own moves no time. */
  entry(home: string, _receivedMs: number, readings: readonly Reading[]): void {
    for (const { clock, atMs } of readings) {
      if (clock !== 'device') continue;
      this.newestMs = Math.max(this.newestMs, atMs);
      this.newestByHome.set(home, Math.max(this.newestByHome.get(home) ?? 0, atMs));
    }
  }

  quiet(): void {
    // Time stops at the last reading.
  }

  of(home: string): number {
    return readingsClockMs(this.newestByHome.get(home), this.newestMs) ?? 0;
  }
}
