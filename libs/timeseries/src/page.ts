import { CodedError } from '#libs/runtime';
import { RAW_LIMIT_MAX, type Point, type RawQuery } from './time-series.js';

/** A point with its place: the order of a page is time, then device, then kind. */
export interface PlacedPoint {
  atUs: number;
  point: Point;
}

/** Up to `perSeriesMax` points of each series of the query, from `fromUs` up to and without `toUs`, each series ascending. */
export type ReadSeries = (fromUs: number, toUs: number, perSeriesMax: number) => Promise<PlacedPoint[][]>;

const PER_SERIES_MAX = 500;

/**
 * Merges many ascending series into one page without reading any of them whole.
 *
 * ```
 *   a ──●──●●──●─┊●     each series gives its next few points; what lies up to the horizon (the
 *   b ───●───────┊──    earliest end among the series that gave as many as they may) is complete
 *   c ●────●──●──┊●●    and goes out in order; then on from there.
 * ```
 * @throws CodedError HW-INVALID for a limit or cursor that is none
 */
export async function readPage(query: RawQuery, read: ReadSeries): Promise<{ items: Point[]; next?: string }> {
  const { limit, fromMs, toMs } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > RAW_LIMIT_MAX) {
    throw new CodedError('HW-INVALID', 'limit is not accepted', `A whole number from 1 to ${RAW_LIMIT_MAX}`);
  }
  const after = query.after === undefined ? undefined : cursorOf(query.after);
  const found: PlacedPoint[] = [];
  let fromUs = Math.max(fromMs * 1_000, after?.atUs ?? 0);
  const toUs = toMs * 1_000;
  const perSeriesMax = query.device !== undefined && query.kind !== undefined ? limit + 2 : Math.min(limit + 2, PER_SERIES_MAX);
  while (found.length <= limit && fromUs < toUs) {
    const series = await read(fromUs, toUs, perSeriesMax);
    const horizonUs = Math.min(toUs, ...series.filter((points) => points.length >= perSeriesMax).map((points) => points.at(-1)!.atUs));
    const complete = series.flat().filter((placed) => placed.atUs <= horizonUs && (!after || compare(placed, after) > 0));
    found.push(...complete.sort(compare));
    fromUs = horizonUs === toUs ? toUs : horizonUs + 1;
  }
  const items = found.slice(0, limit).map(({ point }) => point);
  return found.length > limit ? { items, next: cursorText(found[limit - 1]!) } : { items };
}

type Place = { atUs: number; point: Pick<Point, 'device' | 'kind'> };

function compare(a: Place, b: Place): number {
  return a.atUs - b.atUs || order(a.point.device, b.point.device) || order(a.point.kind, b.point.kind);
}

/** By code unit, as databases do; a locale would differ between machines. */
export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `<µs>.<device>.<kind>`: neither alphabet holds a dot. */
const CURSOR = /^(\d{1,16})\.([A-Za-z0-9_-]{1,64})\.([a-z0-9_]{1,64})$/;

function cursorText({ atUs, point }: PlacedPoint): string {
  return `${atUs}.${point.device}.${point.kind}`;
}

function cursorOf(text: string): Place {
  const [, atUs, device, kind] = CURSOR.exec(text) ?? [];
  if (atUs === undefined || device === undefined || kind === undefined) {
    throw new CodedError('HW-INVALID', 'after is not a cursor', 'Give the next of the page before, unchanged');
  }
  return { atUs: Number(atUs), point: { device, kind } };
}
