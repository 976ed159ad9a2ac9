import { Temporal } from 'temporal-polyfill';

const WALL_CLOCK = /^(\d{4}-\d\d-\d\d)[ T](\d\d):([0-5]\d):([0-5]\d)(\.\d{1,3})?$/;

/**
 * Turns wall-clock times of one zone, such as `2019-04-01 00:05:46`, into ms since 1970 UTC. The
 * hour that comes twice in autumn is taken as its first pass; one that never comes in spring is
 * moved on by the hour. Offsets are looked up once an hour of data: zones change at full hours.
 */
export function wallClockReader(timeZone: string): (text: string) => number | undefined {
  const startOfHourMs = new Map<string, number>();
  return (text) => {
    const match = WALL_CLOCK.exec(text);
    if (!match) return undefined;
    const [, date, hour, minute, second, fraction] = match;
    const key = `${date}T${hour}`;
    let hourMs = startOfHourMs.get(key);
    if (hourMs === undefined) {
      hourMs = hourStart(key, timeZone);
      if (hourMs === undefined) return undefined;
      startOfHourMs.set(key, hourMs);
    }
    return hourMs + Number(minute) * 60_000 + Math.round((Number(second) + Number(fraction ?? 0)) * 1_000);
  };
}

function hourStart(hour: string, timeZone: string): number | undefined {
  try {
    return Temporal.PlainDateTime.from(`${hour}:00:00`, { overflow: 'reject' }).toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds;
  } catch {
    return undefined; // No such day or hour, such as 2019-02-30.
  }
}

/** The local date, YYYY-MM-DD, of each moment; looked up once a quarter of an hour of data. */
export function localDateReader(timeZone: string): (atMs: number) => string {
  const dates = new Map<number, string>();
  return (atMs) => {
    const quarter = Math.floor(atMs / 900_000); // Every zone's midnight lies on a quarter of an hour.
    let date = dates.get(quarter);
    if (date === undefined) {
      date = Temporal.Instant.fromEpochMilliseconds(quarter * 900_000).toZonedDateTimeISO(timeZone).toPlainDate().toString();
      dates.set(quarter, date);
    }
    return date;
  };
}
