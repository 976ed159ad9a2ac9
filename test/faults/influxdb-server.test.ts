import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pointTimeUs, type Reading } from '#libs/telemetry';
import { openTimeSeries, type TimeSeries, type TimeSeriesOptions } from '#libs/timeseries';
import { Influxd, influxdFile, type InfluxdOptions } from '../harness/influxd.js';

/**
 * What happens to readings while a real InfluxDB is killed, stands still, is cut off, full, locked
 * or not there yet: they wait, and are all there afterwards, each once. Needs influxd as a child
 * process: a container can't be killed and kept.
 */
const about = influxdFile() === undefined ? describe.skip : describe;
const TITLE = influxdFile() === undefined ? 'not run: install influxd (Debian: apt install influxdb)' : 'influxd';

const AT_MS = Date.UTC(2026, 10, 21);
const EVER = { fromMs: 0, toMs: AT_MS * 2 };
/** Generous: on a busy machine a good answer may take long. */
const TIMING = { requestMs: 10_000, backOff: { firstMs: 10, maxMs: 200 } };
const IMPATIENT = { ...TIMING, requestMs: 700 };

const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
}, 30_000);

async function start(options?: InfluxdOptions): Promise<Influxd> {
  const influxd = await Influxd.start(options);
  cleanUp.push(() => influxd.stop());
  return influxd;
}

async function open(url: string, options: Partial<TimeSeriesOptions> = {}): Promise<TimeSeries> {
  const series = await openTimeSeries({ url, sqliteFile: '', timing: TIMING, ...options });
  cleanUp.push(() => series.close());
  return series;
}

function readingsOf(batch: number, length: number, over: Partial<Reading> = {}): Reading[] {
  return Array.from({ length }, (_, index) => {
    const number = batch * length + index;
    const atMs = AT_MS + number * 500;
    return { home: 'h1', device: `d${number % 7}`, kind: 'power', value: (number * 13) % 900, atMs, receivedMs: atMs + 90, clock: 'device', test: false, ...over };
  });
}

async function heard(reasons: string[], pattern: RegExp): Promise<void> {
  for (let waitedMs = 0; !reasons.some((reason) => pattern.test(reason)); waitedMs += 10) {
    if (waitedMs > 20_000) throw new Error(`${String(pattern)} was not heard among ${reasons.slice(-5).join(' | ')}`);
    await sleep(10);
  }
}

async function everything(series: TimeSeries): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await series.raw({ home: 'h1', ...EVER, limit: 10_000, ...(after === undefined ? {} : { after }) });
    found.push(...page.items.map(({ device, kind, atMs, value, receivedMs }) => `${atMs} ${device} ${kind} ${String(value)} ${receivedMs}`));
    if (page.next === undefined) return found;
    after = page.next;
  }
}

const expected = (readings: Reading[]): string[] => [...readings]
  .sort((a, b) => pointTimeUs(a) - pointTimeUs(b))
  .map(({ device, kind, atMs, value, receivedMs }) => `${atMs} ${device} ${kind} ${String(value)} ${receivedMs}`);

/** Stands between and cuts a connection after as many bytes from the client as it is told. */
async function cuttingProxy(to: number, bytes: () => number): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    let left = bytes();
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => { client.destroy(); upstream.destroy(); });
    }
    client.on('data', (data) => {
      upstream.write(data.subarray(0, left));
      left -= data.length;
      if (left <= 0) client.destroy();
    });
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => { server.close(() => resolve()); });
    },
  };
}

about(`readings survive what happens to ${TITLE}`, () => {
  test('kill -9 again and again while batches come, some of them twice', async () => {
    const influxd = await start();
    const reasons: string[] = [];
    const series = await open(influxd.url, { onHolding: (reason) => reasons.push(reason) });
    const seed = Date.now() % 1_000_000;
    const waits = fc.sample(fc.integer({ min: 0, max: 250 }), { numRuns: 8, seed });
    const killed = { times: 0 };
    const killing = (async () => {
      for (const waitMs of waits) {
        await sleep(waitMs);
        await influxd.kill();
        await influxd.startAgain();
        killed.times++;
      }
    })();
    const all: Reading[] = [];
    try {
      for (let batch = 0; killed.times < waits.length || batch < 20; batch++) {
        const readings = readingsOf(batch, 1_500);
        all.push(...readings);
        expect(await series.append(readings)).toEqual({ refused: [] });
        if (batch % 3 === 0) await series.append(readings); // As after a crash of ours.
      }
    } finally {
      await killing;
    }
    expect({ seed, count: await series.count() }).toEqual({ seed, count: all.length });
    expect(await everything(series)).toEqual(expected(all));
    expect(reasons.length).toBeGreaterThan(0);
    expect(reasons.every((reason) => reason.startsWith('HW-SERIES-'))).toBe(true);
  }, 120_000);

  test('stopped for longer than a request may take, then continued', async () => {
    const influxd = await start();
    const reasons: string[] = [];
    const patient = await open(influxd.url);
    const series = await open(influxd.url, { onHolding: (reason) => reasons.push(reason), timing: IMPATIENT });
    const all = readingsOf(0, 2_000);
    await series.append(all);
    influxd.pause();
    const later = readingsOf(1, 2_000);
    const appended = series.append(later);
    await expect(series.latest('h1')).rejects.toMatchObject({ code: 'HW-SERIES-UNREACHABLE' });
    await expect(series.ping()).rejects.toMatchObject({ code: 'HW-SERIES-UNREACHABLE' });
    await heard(reasons, /^HW-SERIES-UNREACHABLE: .*700 ms/);
    await sleep(800);
    influxd.resume();
    expect(await appended).toEqual({ refused: [] });
    await patient.ping();
    expect(await everything(patient)).toEqual(expected([...all, ...later]));
  }, 60_000);

  test('away at the start: opening succeeds, an append waits, and the database is made when it comes', async () => {
    const influxd = await start();
    await influxd.kill();
    const reasons: string[] = [];
    const series = await open(influxd.url, { onHolding: (reason) => reasons.push(reason) });
    const appended = series.append(readingsOf(0, 10));
    await heard(reasons, /^HW-SERIES-UNREACHABLE: .*ECONNREFUSED/);
    await influxd.startAgain();
    expect(await series.latest('h2')).toEqual([]); // No database yet, or no points: nothing, not an error.
    expect(await appended).toEqual({ refused: [] });
    expect(await series.count()).toBe(10);
  }, 60_000);

  test('an append that waits ends when it is aborted, and when the series is closed', async () => {
    const influxd = await start();
    await influxd.kill();
    const abort = new AbortController();
    const series = await open(influxd.url, { signal: abort.signal });
    const first = expect(series.append(readingsOf(0, 10))).rejects.toThrow('time to stop');
    await sleep(100);
    abort.abort(new Error('time to stop'));
    await first;
    const other = await open(influxd.url);
    const second = expect(other.append(readingsOf(0, 10))).rejects.toThrow('closed');
    await sleep(100);
    await other.close();
    await second;
    const paused = await start();
    const third = await open(paused.url, { timing: { requestMs: 60_000, backOff: TIMING.backOff } });
    paused.pause();
    const under = expect(third.append(readingsOf(0, 10))).rejects.toThrow('closed');
    await sleep(100);
    await third.close(); // Cuts off a request without an answer, too,
    await under;
    const stop = new AbortController();
    const fourth = await open(paused.url, { signal: stop.signal, timing: { requestMs: 60_000, backOff: TIMING.backOff } });
    const writing = expect(fourth.append(readingsOf(0, 10))).rejects.toThrow('time to stop');
    await sleep(100);
    stop.abort(new Error('time to stop')); // as the signal does.
    await writing;
    paused.resume();
  }, 60_000);

  test('requests cut off after any number of bytes', async () => {
    const influxd = await start();
    const seed = Date.now() % 1_000_000;
    const cuts = fc.sample(fc.integer({ min: 1, max: 120_000 }), { numRuns: 400, seed });
    const proxy = await cuttingProxy(Number(new URL(influxd.origin).port), () => cuts.pop() ?? Infinity);
    cleanUp.push(() => proxy.close());
    const url = new URL(influxd.url);
    url.port = String(proxy.port);
    const series = await open(url.href, { timing: { requestMs: 2_000, backOff: { firstMs: 1, maxMs: 2 } } });
    const all: Reading[] = [];
    for (let batch = 0; batch < 30; batch++) {
      const readings = readingsOf(batch, 1_000);
      all.push(...readings);
      expect(await series.append(readings)).toEqual({ refused: [] });
    }
    expect(cuts.length).toBeLessThan(370); // It did cut.
    const direct = await open(influxd.url);
    expect({ seed, count: await direct.count() }).toEqual({ seed, count: all.length });
    expect(await everything(direct)).toEqual(expected(all));
  }, 120_000);

  test('lines that the server refuses are found among many, returned in its words, and all others stored', async () => {
    const influxd = await start();
    await influxd.query('CREATE DATABASE homes');
    expect(await influxd.write(`weight,device=scales,home=h1 v="somebody else's text" ${AT_MS}000000`)).toBe(204);
    const series = await open(influxd.url);
    const good = readingsOf(0, 5_000);
    const bad = readingsOf(0, 22, { kind: 'weight', device: 'scales' });
    const mixed = [...good];
    for (const [index, reading] of bad.entries()) mixed.splice(index * 211 + 3, 0, reading);
    const { refused } = await series.append(mixed);
    expect(refused.map(({ reading }) => reading)).toEqual(bad);
    expect(refused.every(({ reason }) => /field type conflict/.test(reason))).toBe(true);
    expect(await series.count({ home: 'h1' })).toBe(good.length);
    expect(await everything(series)).toEqual(expected(good));
  }, 60_000);

  test('a reading older than the database keeps is refused as such', async () => {
    const influxd = await start();
    await influxd.query('CREATE DATABASE homes WITH DURATION 1d');
    const series = await open(influxd.url);
    const now = readingsOf(0, 5, { atMs: Date.now() }).map((one, index) => ({ ...one, value: index }));
    const { refused } = await series.append([...now, ...readingsOf(0, 3, { atMs: Date.UTC(2020, 1, 1) })]);
    expect(refused).toHaveLength(3);
    expect(refused.every(({ reason }) => reason.includes('beyond retention policy'))).toBe(true);
    expect(await series.count({ home: 'h1' })).toBe(5);
  }, 60_000);

  test('a limit of the server is waited out, not taken for a fault of the reading', async () => {
    const influxd = await start({ env: { INFLUXDB_DATA_INDEX_VERSION: 'inmem', INFLUXDB_DATA_MAX_VALUES_PER_TAG: '5' } });
    const reasons: string[] = [];
    const series = await open(influxd.url, { onHolding: (reason) => reasons.push(reason) });
    const from = (device: string): Reading => ({ ...readingsOf(0, 1)[0]!, device });
    for (let index = 0; index < 5; index++) expect(await series.append([from(`early-${index}`)])).toEqual({ refused: [] });
    const appended = series.append([from('late-1'), from('early-1'), from('late-2')]);
    await heard(reasons, /^HW-SERIES-CAPACITY: .*max-values-per-tag/);
    await influxd.kill();
    await influxd.startAgain({ INFLUXDB_DATA_MAX_VALUES_PER_TAG: '100' });
    expect(await appended).toEqual({ refused: [] });
    expect(await series.count()).toBe(7);
  }, 60_000);

  test('a wrong login is waited out and named, and its token never shown', async () => {
    const influxd = await start({ env: { INFLUXDB_HTTP_AUTH_ENABLED: 'true' }, user: 'hearthwatch', password: 'quite-secret-@/#' });
    await influxd.query("CREATE USER admin WITH PASSWORD 'a' WITH ALL PRIVILEGES");
    const reasons: string[] = [];
    const series = await open(influxd.url, { onHolding: (reason) => reasons.push(reason) });
    const appended = series.append(readingsOf(0, 10));
    await expect(series.count()).rejects.toMatchObject({ code: 'HW-SERIES-LOGIN' });
    await expect(series.ping()).rejects.toMatchObject({ code: 'HW-SERIES-LOGIN' });
    await heard(reasons, /^HW-SERIES-LOGIN: /);
    expect(reasons.join()).not.toMatch(/quite-secret/);
    await influxd.query("CREATE USER hearthwatch WITH PASSWORD 'quite-secret-@/#'", 'admin', 'a'); // May not make the database,
    await sleep(500);
    await influxd.query('CREATE DATABASE homes; GRANT ALL ON homes TO hearthwatch', 'admin', 'a'); // nor needs to where somebody did.
    expect(await appended).toEqual({ refused: [] });
    expect(await series.count()).toBe(10);
  }, 60_000);
});
