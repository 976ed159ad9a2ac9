import type { Interval, TimeSeries } from '#libs/timeseries';
import { HttpProblem } from '../http/problem.js';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** Intervals asked of the series at a time. */
const INTERVALS_PER_STEP = 500;
/** Steps a request may take; a page then ends early with a `next`. */
const STEPS_MAX = 40;

/** The milliseconds of `30s`, `5m`, `1h` or `1d`. */
export function everyMs(every: string): number {
  return Number(every.slice(0, -1)) * UNIT_MS[every.at(-1) as keyof typeof UNIT_MS];
}

interface Query { home: string; kind?: string; device?: string; fromMs?: number; toMs: number; everyMs: number; fn: 'count' | 'mean' | 'min' | 'max' | 'last'; limit: number; after?: string }

/** Where a page ended: the last interval it told, or (without a device) the time up to which there was nothing more. */
interface Cursor { startMs: number; device: string; kind: string }

const writeCursor = ({ startMs, device, kind }: Cursor): string => `${startMs}.${device}.${kind}`;

function readCursor(text: string): Cursor {
  const match = /^(\d{1,15})\.([A-Za-z0-9_-]*)\.([a-z0-9_]*)$/.exec(text);
  if (match === null) throw new HttpProblem(400, 'HW-INVALID', 'after: is not a cursor of this list', 'Use `next` of the page before, unchanged');
  return { startMs: Number(match[1]), device: match[2]!, kind: match[3]! };
}

const compare = (a: Cursor, b: Cursor): number =>
  a.startMs - b.startMs || (a.device < b.device ? -1 : a.device > b.device ? 1 : a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0);

/**
 * A page of aggregates in the order of time, device and kind. The series is asked in steps of some
 * hundred intervals, so a small `every` over a long time costs many small pages, never one huge
 * answer. `toMs` should be no later than what there is to read.
 */
export async function aggregatePage(series: TimeSeries, query: Query): Promise<{ items: Interval[]; next: string | null }> {
  const { home, kind, device, toMs, fn, limit } = query;
  const narrow = { home, ...(kind === undefined ? {} : { kind }), ...(device === undefined ? {} : { device }) };
  const cursor = query.after === undefined ? undefined : readCursor(query.after);
  const firstMs = query.fromMs ?? (cursor === undefined ? (await series.raw({ ...narrow, fromMs: 0, toMs, limit: 1 })).items[0]?.atMs : 0);
  if (firstMs === undefined) return { items: [], next: null };
  const items: Interval[] = [];
  let stepMs = Math.max(firstMs, cursor?.startMs ?? 0);
  for (let step = 0; stepMs < toMs; step++) {
    if (step === STEPS_MAX) return { items, next: writeCursor({ startMs: stepMs, device: '', kind: '' }) };
    const endMs = Math.min(toMs, (Math.floor(stepMs / query.everyMs) + INTERVALS_PER_STEP) * query.everyMs);
    const found = await series.aggregate({ ...narrow, fromMs: stepMs, toMs: endMs, everyMs: query.everyMs, fn });
    items.push(...found.sort(compare).filter((interval) => cursor === undefined || compare(interval, cursor) > 0));
    if (items.length > limit) {
      const page = items.slice(0, limit);
      return { items: page, next: writeCursor(page.at(-1)!) };
    }
    stepMs = endMs;
  }
  return { items, next: null };
}
