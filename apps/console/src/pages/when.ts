const formats = new Map<string, Intl.DateTimeFormat>();

function format(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timeZone}/${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
    formats.set(key, found);
  }
  return found;
}

/** `Sat 21 Nov 2026, 02:14 GMT`, in the given time zone. */
export function when(ms: number, timeZone: string): string {
  const day = format(timeZone, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }).format(ms).replace(',', '');
  const zone = format(timeZone, { timeZoneName: 'short' }).formatToParts(ms).find((part) => part.type === 'timeZoneName')?.value ?? '';
  return `${day}, ${clockTime(ms, timeZone)} ${zone}`;
}

/** `02:14`, in the given time zone. */
export function clockTime(ms: number, timeZone: string): string {
  return format(timeZone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);
}

/** `02:14` if that is today in the time zone, else `21 Nov, 02:14`, with the year if that is another. */
export function shortWhen(ms: number, nowMs: number, timeZone: string): string {
  const day = format(timeZone, { day: 'numeric', month: 'short', year: 'numeric' });
  if (day.format(ms) === day.format(nowMs)) return clockTime(ms, timeZone);
  const year = format(timeZone, { year: 'numeric' });
  const date = year.format(ms) === year.format(nowMs) ? format(timeZone, { day: 'numeric', month: 'short' }) : day;
  return `${date.format(ms)}, ${clockTime(ms, timeZone)}`;
}

const count = (n: number, unit: string): string => `${n} ${unit}${n === 1 ? '' : 's'}`;

/** `2 minutes`, `3 hours`, `5 days`, `7 years`: rounded down to one unit, never less than it was said to be. */
export function lasting(ms: number): string {
  const minutesLong = Math.floor(Math.max(0, ms) / 60_000);
  if (minutesLong < 1) return 'less than a minute';
  if (minutesLong < 120) return count(minutesLong, 'minute');
  if (minutesLong < 48 * 60) return count(Math.floor(minutesLong / 60), 'hour');
  const daysLong = Math.floor(minutesLong / 1440);
  return daysLong < 730 ? count(daysLong, 'day') : count(Math.floor(daysLong / 365.25), 'year');
}

/** `just now`, `2 minutes ago`, or `in 5 minutes` for a time ahead. */
export function ago(ms: number, nowMs: number): string {
  if (ms > nowMs + 60_000) return `in ${lasting(ms - nowMs)}`;
  return nowMs - ms < 60_000 ? 'just now' : `${lasting(nowMs - ms)} ago`;
}

/** Minutes past local midnight, 0 to 1439. */
export function minuteOfDay(ms: number, timeZone: string): number {
  const [hour = 0, minute = 0] = clockTime(ms, timeZone).split(':').map(Number);
  return hour * 60 + minute;
}
