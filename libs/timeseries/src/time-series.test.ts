import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KINDS, pointTimeUs, type Reading } from '#libs/telemetry';
import { INFLUXDB_MISSING, findInfluxDB, startInfluxDB } from '../../../test/harness/influxd.js';
import { openTimeSeries, type AggregateQuery, type Interval, type Point, type RawQuery, type TimeSeries } from './index.js';

/** One suite for every engine behind the door. What it says holds for both, or for neither. */
interface Engine {
  name: string;
  start(): Promise<{ open(readOnly?: boolean): Promise<TimeSeries>; stop(): Promise<void> }>;
}

const sqlite: Engine = {
  name: 'SQLite',
  async start() {
    const folder = await mkdtemp(join(tmpdir(), 'hearthwatch-series-'));
    return {
      open: (readOnly = false) => openTimeSeries({ url: 'sqlite:', sqliteFile: join(folder, 'series.db'), readOnly }),
      stop: () => rm(folder, { recursive: true }),
    };
  },
};

const source = await findInfluxDB();

const influxdb: Engine = {
  name: `InfluxDB (${source})`,
  async start() {
    const running = await startInfluxDB(source!);
    return {
      open: (readOnly = false) => openTimeSeries({ url: running.url, sqliteFile: '', readOnly }),
      stop: () => running.stop(),
    };
  },
};

if (source === undefined) test.skip(`InfluxDB ${INFLUXDB_MISSING}`, () => undefined);

const RUNS = 60;
const AT_MS = Date.UTC(2026, 10, 21, 2, 14, 5, 120);
const HOUR_MS = 3_600_000;
const EVER = { fromMs: 0, toMs: 9_007_199_254_740 };

let homes = 0;
const newHome = (): string => `h${++homes}-${randomUUID().slice(0, 8)}`;

function reading(over: Partial<Reading> & { home: string }): Reading {
  return { device: 'pir-hall', kind: 'motion', value: true, atMs: AT_MS, receivedMs: AT_MS + 250, clock: 'device', test: false, ...over };
}

/** What a reading looks like when it comes back. */
function pointFrom({ home, device, kind, value, atMs, receivedMs, clock, test: isTest, resident }: Reading): Point {
  return {
    home, device, kind, atMs, receivedMs, clock, test: isTest,
    value: typeof value === 'string' ? value.toWellFormed() : typeof value === 'number' ? value + 0 : value,
    ...(resident === undefined ? {} : { resident: resident.toWellFormed() }),
  };
}

const byPlace = (a: Reading, b: Reading): number =>
  pointTimeUs(a) - pointTimeUs(b) || (a.device < b.device ? -1 : a.device > b.device ? 1 : a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0);

/** The last of each point, in the order of a page. */
function held(readings: Reading[]): Reading[] {
  const points = new Map(readings.map((one) => [`${one.home}/${one.device}/${one.kind}/${pointTimeUs(one)}`, one]));
  return [...points.values()].sort(byPlace);
}

async function everyPage(series: TimeSeries, query: Omit<RawQuery, 'after'>): Promise<Point[]> {
  const points: Point[] = [];
  let after: string | undefined;
  do {
    const page = await series.raw({ ...query, ...(after === undefined ? {} : { after }) });
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    points.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return points;
}

function aggregated(readings: Reading[], { everyMs, fn }: AggregateQuery): Interval[] {
  const groups = new Map<string, Reading[]>();
  for (const one of held(readings)) {
    if (fn !== 'count' && fn !== 'last' && typeof one.value === 'string') continue;
    const startMs = Math.floor(one.atMs / everyMs) * everyMs;
    const key = JSON.stringify([one.device, one.kind, startMs]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups].map(([key, group]) => {
    const [device, kind, startMs] = JSON.parse(key) as [string, string, number];
    const numbers = group.map(({ value }) => Number(value) + 0);
    const value = {
      count: () => group.length,
      mean: () => numbers.reduce((sum, number) => sum + number, 0) / numbers.length,
      min: () => Math.min(...numbers),
      max: () => Math.max(...numbers),
      last: () => pointFrom(group.at(-1)!).value,
    }[fn]();
    return { device, kind, startMs, value };
  }).sort((a, b) => (a.device < b.device ? -1 : a.device > b.device ? 1 : a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.startMs - b.startMs));
}

const roughly = (intervals: Interval[]): unknown[] =>
  intervals.map((one) => ({ ...one, value: typeof one.value === 'number' ? expect.closeTo(one.value, 6) as unknown : one.value }));

/** A few devices and kinds and few distinct times, so that repeats and equal times are common. */
const anyReading = (texts: fc.Arbitrary<string>): fc.Arbitrary<Reading> => fc.tuple(
  fc.constantFrom('pir-hall', 'A', 'a_1', 'cuff'),
  fc.oneof(
    fc.record({ kind: fc.constantFrom('temperature', 'weight', 'unheard_of'), value: fc.double({ min: -1e6, max: 1e6, noNaN: true }) }),
    fc.record({ kind: fc.constantFrom('heart_rate', 'steps'), value: fc.integer({ min: 0, max: 900 }) }),
    fc.record({ kind: fc.constantFrom('motion', 'open'), value: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('sleep_state', 'note'), value: texts }),
  ),
  fc.record({
    atMs: fc.integer({ min: 0, max: 60 }).map((step) => AT_MS + step * 700_000),
    receivedMs: fc.integer({ min: AT_MS - HOUR_MS, max: AT_MS + 100 * HOUR_MS }),
    clock: fc.constantFrom('device', 'arrival', 'wrong'),
    test: fc.boolean(),
  }),
  fc.option(texts, { nil: undefined }),
).map(([device, { kind, value }, rest, resident]) => ({
  home: '', device, kind, value, ...rest, ...(resident === undefined ? {} : { resident }),
}));

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }), // Any code point.
  fc.string({ unit: fc.constantFrom(' ', ',', '=', '"', "'", '\\', '\n', '\r', '\t', '#', 'n', '\u0000', '\ud800', 'é', '🏠'), maxLength: 12 }),
  fc.constantFrom('', '#', '\\', '"', '\\"', 'a\nb c=1', '#comment\nmotion v=1 1'),
);

describe.each(source === undefined ? [sqlite] : [sqlite, influxdb])('time series on $name', (engine) => {
  let running: Awaited<ReturnType<Engine['start']>>;
  let series: TimeSeries;

  beforeAll(async () => {
    running = await engine.start();
    series = await running.open();
  }, 120_000);

  afterAll(async () => {
    await series?.close();
    await running?.stop();
  });

  const append = async (readings: Reading[]): Promise<void> => {
    expect(await series.append(readings)).toEqual({ refused: [] });
  };

  test('every field of a reading comes back, in its own type', async () => {
    const home = newHome();
    const readings = [
      reading({ home, value: true, clock: 'arrival' }),
      reading({ home, device: 'door', kind: 'open', value: false, test: true }),
      reading({ home, device: 'cuff', kind: 'heart_rate', value: 71, resident: 'r2', clock: 'wrong', seq: 5 }),
      reading({ home, device: 'cuff', kind: 'body_temperature', value: 36.6, resident: '' }),
      reading({ home, device: 'bed', kind: 'sleep_state', value: 'out_of_bed', receivedMs: AT_MS + 30 * 86_400_000 }),
      reading({ home, device: 'x', kind: 'quaint_thing', value: 'two words', receivedMs: AT_MS - 4 }),
      reading({ home, device: 'x', kind: 'another_thing', value: 0 }),
    ];
    await append(readings);
    const { items, next } = await series.raw({ home, ...EVER, limit: 100 });
    expect(next).toBeUndefined();
    expect(items).toEqual([...readings].sort(byPlace).map(pointFrom));
  });

  test('a value of every known kind comes back as it was', async () => {
    const home = newHome();
    const readings = Object.entries(KINDS).flatMap(([kind, spec]) => {
      const values = spec.type === 'choice' ? spec.choices : spec.type === 'number' ? [spec.min, spec.max, (spec.min + spec.max) / 3] : [true, false];
      return values.map((value, index) => reading({ home, kind, value, atMs: AT_MS + index }));
    });
    await append(readings);
    expect(await everyPage(series, { home, ...EVER, limit: 10_000 })).toEqual(held(readings).map(pointFrom));
  });

  test('two values in one millisecond are two points; the same reading twice is one', async () => {
    const home = newHome();
    const twice = [reading({ home, kind: 'systolic', value: 140 }), reading({ home, kind: 'systolic', value: 150 })];
    await append([...twice, ...twice]);
    await append(twice);
    expect(await series.count({ home })).toBe(2);
  });

  test('nothing appended is nothing stored', async () => {
    await append([]);
    const home = newHome();
    expect(await series.raw({ home, ...EVER, limit: 5 })).toEqual({ items: [] });
    expect(await series.latest(home)).toEqual([]);
    expect(await series.count({ home })).toBe(0);
  });

  test('a reading that no engine can store is refused by reason, and the others are stored', async () => {
    const home = newHome();
    const unstorable = [
      reading({ home: 'Mrs Smith' }), reading({ home, device: 'a b' }), reading({ home, kind: 'Motion,home=x' }), reading({ home, kind: '' }),
      reading({ home, kind: 'power', value: Number.NaN }), reading({ home, kind: 'power', value: Infinity }),
      reading({ home, atMs: -1 }), reading({ home, atMs: 1.5 }), reading({ home, atMs: 2 ** 53 / 1_000 }), reading({ home, receivedMs: Number.NaN }),
      reading({ home, kind: 'note', value: 'x'.repeat(8_193) }), reading({ home, resident: 'x'.repeat(8_193) }),
    ];
    const good = [reading({ home }), reading({ home, kind: 'note', value: '"'.repeat(8_192) })];
    const { refused } = await series.append([...unstorable.slice(0, 6), good[0]!, ...unstorable.slice(6), good[1]!]);
    expect(refused.map((one) => one.reading)).toEqual(unstorable);
    expect(refused.every(({ reason }) => reason.length > 0)).toBe(true);
    expect(await series.count({ home })).toBe(2);
  });

  test('any text comes back as it was', async () => {
    await fc.assert(fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 30 }), async (values) => {
      const home = newHome();
      const readings = values.map((value, index) => reading({ home, kind: 'note', value, resident: values.at(-1 - index)!, atMs: AT_MS + index }));
      await append(readings);
      const { items } = await series.raw({ home, ...EVER, limit: 100 });
      expect(items).toEqual(held(readings).map(pointFrom));
    }), { numRuns: RUNS });
  });

  test('pages of any size, narrowed by any of device, kind and time, hold each point once and in order', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(anyReading(texts), { maxLength: 80 }), fc.integer({ min: 1, max: 30 }),
      fc.constantFrom(undefined, 'A', 'nobody'), fc.constantFrom(undefined, 'motion', 'note', 'nothing'),
      fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 61 }),
      async (some, limit, device, kind, first, length) => {
        const home = newHome();
        const readings = some.map((one) => ({ ...one, home }));
        await append(readings);
        const fromMs = AT_MS + first * 700_000;
        const toMs = fromMs + length * 700_000;
        const query = { home, fromMs, toMs, limit, ...(device === undefined ? {} : { device }), ...(kind === undefined ? {} : { kind }) };
        const expected = held(readings).filter((one) =>
          one.atMs >= fromMs && one.atMs < toMs && (device ?? one.device) === one.device && (kind ?? one.kind) === one.kind);
        expect(await everyPage(series, query)).toEqual(expected.map(pointFrom));
      },
    ), { numRuns: RUNS });
  });

  test('a page larger than what one series is asked for at a time', async () => {
    const home = newHome();
    const readings = Array.from({ length: 4_000 }, (_, index) =>
      reading({ home, device: index % 8 === 0 ? 'rare' : 'busy', kind: 'power', value: index % 900, atMs: AT_MS + Math.floor(index / 3) * 1_000 }));
    await append(readings);
    const expected = held(readings).map(pointFrom);
    for (const limit of [700, 1_000, 4_000, 10_000]) expect(await everyPage(series, { home, ...EVER, limit })).toEqual(expected);
    expect(await everyPage(series, { home, device: 'busy', kind: 'power', ...EVER, limit: 900 })).toEqual(expected.filter(({ device }) => device === 'busy'));
  });

  test.each([0, -1, 1.5, 10_001, Number.NaN])('a page of %p points is refused', async (limit) => {
    await expect(series.raw({ home: 'h', ...EVER, limit })).rejects.toMatchObject({ code: 'HW-INVALID' });
  });

  test('a cursor that is none is refused', async () => {
    await expect(series.raw({ home: 'h', ...EVER, limit: 1, after: "1' OR 1=1" })).rejects.toMatchObject({ code: 'HW-INVALID' });
  });

  test.each(['count', 'mean', 'min', 'max', 'last'] as const)('%s per interval, device and kind', async (fn) => {
    await fc.assert(fc.asyncProperty(
      fc.array(anyReading(texts), { maxLength: 60 }), fc.constantFrom(1_000, 60_000, 700_001, HOUR_MS, 86_400_000),
      async (some, everyMs) => {
        const home = newHome();
        const readings = some.map((one) => ({ ...one, home }));
        await append(readings);
        const query = { home, fromMs: AT_MS - HOUR_MS, toMs: AT_MS + 100 * HOUR_MS, everyMs, fn };
        expect(await series.aggregate(query)).toEqual(roughly(aggregated(readings, query)));
      },
    ), { numRuns: RUNS });
  });

  test('aggregates count only what lies in the range, in intervals aligned to 1970', async () => {
    const home = newHome();
    await append([0, 1, 2, 3].map((hour) => reading({ home, kind: 'power', value: hour, atMs: AT_MS + hour * HOUR_MS })));
    const startMs = Math.floor(AT_MS / HOUR_MS) * HOUR_MS;
    expect(await series.aggregate({ home, kind: 'power', fromMs: AT_MS + 1, toMs: AT_MS + 3 * HOUR_MS, everyMs: HOUR_MS, fn: 'max' }))
      .toEqual([1, 2].map((hour) => ({ device: 'pir-hall', kind: 'power', startMs: startMs + hour * HOUR_MS, value: hour })));
    await expect(series.aggregate({ home, ...EVER, everyMs: 0, fn: 'count' })).rejects.toMatchObject({ code: 'HW-INVALID' });
  });

  test('the newest point of each device and kind', async () => {
    await fc.assert(fc.asyncProperty(fc.array(anyReading(texts), { maxLength: 40 }), async (some) => {
      const home = newHome();
      const readings = some.map((one) => ({ ...one, home }));
      await append(readings);
      const newest = new Map(held(readings).map((one) => [`${one.device}/${one.kind}`, one]));
      const expected = [...newest.values()].sort((a, b) => byPlace({ ...a, atMs: 0, value: 0 }, { ...b, atMs: 0, value: 0 }));
      expect(await series.latest(home)).toEqual(expected.map(pointFrom));
    }), { numRuns: RUNS });
  });

  test('one home never sees the points of another, whatever it calls itself', async () => {
    const home = newHome();
    await append([reading({ home })]);
    for (const other of [`${home}x`, home.slice(0, -1), "' OR '1'='1", '%', '\\', `${home}\n`, '']) {
      expect(await series.raw({ home: other, ...EVER, limit: 5 })).toEqual({ items: [] });
      expect(await series.aggregate({ home: other, ...EVER, everyMs: HOUR_MS, fn: 'count' })).toEqual([]);
      expect(await series.latest(other)).toEqual([]);
      expect(await series.count({ home: other })).toBe(0);
    }
    expect(await series.raw({ home, kind: "motion' OR '1'='1", device: '"; DROP SERIES', ...EVER, limit: 5 })).toEqual({ items: [] });
  });

  test('a reader sees what the writer appended, and appends nothing', async () => {
    const home = newHome();
    const reader = await running.open(true);
    try {
      await append([reading({ home })]);
      expect((await reader.raw({ home, ...EVER, limit: 5 })).items).toHaveLength(1);
      await append([reading({ home, atMs: AT_MS + 1 })]);
      expect(await reader.count({ home })).toBe(2);
      await reader.ping();
      await expect(reader.append([reading({ home })])).rejects.toThrow('opened for reading');
    } finally {
      await reader.close();
    }
  });

  test('prune forgets what lies before a time and nothing else', async () => {
    const home = newHome();
    const readings = Array.from({ length: 50 }, (_, index) => reading({ home, device: `d${index % 3}`, kind: 'power', value: index, atMs: index * 1_000 }));
    await append([...readings, reading({ home })]);
    await series.prune(20_000);
    const { items } = await series.raw({ home, ...EVER, limit: 100 });
    expect(items.map(({ atMs }) => atMs)).toEqual([...readings.slice(20).map(({ atMs }) => atMs), AT_MS]);
  });

  test('the count of all homes is the sum over homes', async () => {
    const [one, two] = [newHome(), newHome()];
    const before = await series.count();
    await append([reading({ home: one }), reading({ home: one, kind: 'open' }), reading({ home: two })]);
    expect(await series.count({ home: one })).toBe(2);
    expect(await series.count()).toBe(before + 3);
  });
});
