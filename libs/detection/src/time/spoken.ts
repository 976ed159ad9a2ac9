import { localDayAt, localMinute } from './local-day.js';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'] as const;

/** A length of time in words: `45 seconds`, `10 minutes`, `6 hours`, `1 hour 20 minutes`, `2 days 3 hours`. */
export function spoken(lengthMs: number): string {
  const minutes = Math.round(lengthMs / 60_000);
  if (lengthMs < 60_000) return counted(Math.max(0, Math.round(lengthMs / 1_000)), 'second');
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60];
  if (days > 0) return hours > 0 ? `${counted(days, 'day')} ${counted(hours, 'hour')}` : counted(days, 'day');
  if (hours > 0) return rest > 0 ? `${counted(hours, 'hour')} ${counted(rest, 'minute')}` : counted(hours, 'hour');
  return counted(rest, 'minute');
}

/** The clock on the wall: `02:14`. */
export function clockTime(timeZone: string, atMs: number): string {
  const minute = localMinute(timeZone, atMs);
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** `02:14`, or `02:14 on 21 November` when that is another day than `besideMs`. */
export function dayAndTime(timeZone: string, atMs: number, besideMs: number): string {
  const time = clockTime(timeZone, atMs);
  const { date } = localDayAt(timeZone, atMs);
  if (date === localDayAt(timeZone, besideMs).date) return time;
  const [, month, day] = date.split('-').map(Number);
  return `${time} on ${day} ${MONTHS[(month ?? 1) - 1]}`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
