import { Temporal } from 'temporal-polyfill';

/** A calendar day in a time zone. A day on which the clocks change has 23 or 25 hours. */
export interface LocalDay {
  /** YYYY-MM-DD */
  date: string;
  startMs: number;
  /** The next midnight; exclusive. */
  endMs: number;
  /** Local time less UTC, at both ends. */
  startOffsetMs: number;
  endOffsetMs: number;
}

const DAYS_KEPT_PER_ZONE = 16;
const ZONES_KEPT = 500;
const known = new Map<string, LocalDay[]>();

/**
 * The local day that holds a time. The last few days of each zone are remembered, because rules ask for
 * every reading. A zone that does not exist counts as UTC: detection goes on whatever a row says.
 */
export function localDayAt(timeZone: string, atMs: number): LocalDay {
  const days = known.get(timeZone) ?? forgetfulList(timeZone);
  for (const day of days) {
    if (atMs >= day.startMs && atMs < day.endMs) return day;
  }
  const day = computeDay(timeZone, atMs);
  if (days.length >= DAYS_KEPT_PER_ZONE) days.pop();
  days.unshift(day);
  return day;
}

/** When the clock of the day first shows this minute, 0 to 1439; a time that the change of clocks leaves out is the one after. */
export function wallTimeMs(timeZone: string, day: LocalDay, minuteOfDay: number): number {
  if (day.startOffsetMs === day.endOffsetMs) return day.startMs + minuteOfDay * 60_000;
  const time = Temporal.PlainTime.from({ hour: Math.floor(minuteOfDay / 60), minute: minuteOfDay % 60 });
  const wall = Temporal.PlainDate.from(day.date).toPlainDateTime(time);
  return wall.toZonedDateTime(validZone(timeZone), { disambiguation: 'compatible' }).epochMilliseconds;
}

/** What the clock on the wall shows, in minutes since midnight. */
export function localMinute(timeZone: string, atMs: number): number {
  const day = localDayAt(timeZone, atMs);
  if (day.startOffsetMs === day.endOffsetMs) return Math.floor((atMs - day.startMs) / 60_000);
  const wall = zoned(timeZone, atMs);
  return wall.hour * 60 + wall.minute;
}

/** True if the minute of the day lies from `fromMinute` to before `untilMinute`, round midnight too. */
export function isWithinMinutes(minute: number, fromMinute: number, untilMinute: number): boolean {
  return fromMinute <= untilMinute ? minute >= fromMinute && minute < untilMinute : minute >= fromMinute || minute < untilMinute;
}

function forgetfulList(timeZone: string): LocalDay[] {
  if (known.size >= ZONES_KEPT) known.clear();
  const days: LocalDay[] = [];
  known.set(timeZone, days);
  return days;
}

function computeDay(timeZone: string, atMs: number): LocalDay {
  const start = zoned(timeZone, atMs).startOfDay();
  const end = start.add({ days: 1 }).startOfDay();
  return {
    date: start.toPlainDate().toString(),
    startMs: start.epochMilliseconds,
    endMs: end.epochMilliseconds,
    startOffsetMs: start.offsetNanoseconds / 1e6,
    endOffsetMs: end.offsetNanoseconds / 1e6,
  };
}

function zoned(timeZone: string, atMs: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.trunc(atMs)).toZonedDateTimeISO(validZone(timeZone));
}

const zones = new Map<string, string>();

function validZone(timeZone: string): string {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  let zone = timeZone;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
  } catch {
    zone = 'UTC';
  }
  if (zones.size >= ZONES_KEPT) zones.clear();
  zones.set(timeZone, zone);
  return zone;
}
