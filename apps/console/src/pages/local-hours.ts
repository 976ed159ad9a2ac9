import { minuteOfDay } from './when.js';

const QUARTER_MS = 900_000;

/** The moments in a stretch of time at which a local clock shows a multiple of so many hours; right across clock changes. */
export function localHours(startMs: number, endMs: number, everyHours: number, timeZone: string): number[] {
  const found: number[] = [];
  for (let ms = Math.ceil(startMs / QUARTER_MS) * QUARTER_MS; ms <= endMs; ms += QUARTER_MS) {
    const minute = minuteOfDay(ms, timeZone);
    if (minute % (everyHours * 60) === 0) found.push(ms);
  }
  return found;
}

/** Local nights, 22:00 to 06:00, within a stretch of time. */
export function nights(startMs: number, endMs: number, timeZone: string): { fromMs: number; toMs: number }[] {
  const isNight = (ms: number): boolean => {
    const minute = minuteOfDay(ms, timeZone);
    return minute >= 22 * 60 || minute < 6 * 60;
  };
  const found: { fromMs: number; toMs: number }[] = [];
  let fromMs = isNight(startMs) ? startMs : undefined;
  for (let ms = Math.ceil(startMs / QUARTER_MS) * QUARTER_MS; ms < endMs; ms += QUARTER_MS) {
    const night = isNight(ms);
    if (night && fromMs === undefined) fromMs = ms;
    if (!night && fromMs !== undefined) {
      found.push({ fromMs, toMs: ms });
      fromMs = undefined;
    }
  }
  if (fromMs !== undefined) found.push({ fromMs, toMs: endMs });
  return found;
}
