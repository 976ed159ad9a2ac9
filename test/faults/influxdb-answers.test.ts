import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Reading } from '#libs/telemetry';
import { openTimeSeries, type TimeSeries } from '#libs/timeseries';

/**
 * A server that answers as it is told, for what a real one does too rarely. It keeps the lines it
 * took, so that what was promised can be held against what is there.
 */
type Mood =
  | 'well' | 'strange' | 'error' | 'busy' | 'unwell' | 'locked' | 'partly' | 'accepted' | 'hinted handoff'
  | 'silent' | 'hangs up' | 'hangs up half-way' | 'stores and hangs up' | 'stores and is silent';

const MOODS: Mood[] = ['strange', 'error', 'busy', 'locked', 'partly', 'accepted', 'hinted handoff', 'silent', 'hangs up', 'hangs up half-way', 'stores and hangs up', 'stores and is silent'];

const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

interface Fake { url: string; stored: Set<string>; canaries: number; requests: number }

/** `next` says how each write in turn is answered; lines with `poison` are refused as 1.x, 2.x or 3 would. */
async function fakeServer(next: () => Mood, refusal: (poison: string[]) => { status: number; body: string }): Promise<Fake> {
  const fake: Fake = { url: '', stored: new Set(), canaries: 0, requests: 0 };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const lines = (await text(request)).split('\n');
    fake.requests++;
    const store = (some: string[]): void => {
      for (const line of some) {
        if (line.startsWith('hearthwatch-canary')) fake.canaries++;
        else if (!line.includes('poison')) fake.stored.add(line);
      }
    };
    answer(next(), { lines, store, response, poison: lines.filter((line) => line.includes('poison')), refusal });
  };
  const server = createServer((request, response) => void handle(request, response).catch(() => undefined));
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  cleanUp.push(() => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }));
  fake.url = `influxdb://127.0.0.1:${(server.address() as AddressInfo).port}/homes`;
  return fake;
}

interface Write { lines: string[]; poison: string[]; store: (some: string[]) => void; response: ServerResponse; refusal: (poison: string[]) => { status: number; body: string } }

function answer(mood: Mood, { lines, poison, store, response, refusal }: Write): void {
  const end = (status: number, body = ''): void => { response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '30' }).end(body); };
  switch (mood) {
    case 'well': {
      store(lines);
      if (poison.length === 0) return end(204);
      const { status, body } = refusal(poison);
      return end(status, body);
    }
    case 'error': return end(500, '{"error":"timeout"}');
    case 'busy': return end(503, '{"code":"unavailable","message":"try later"}');
    case 'strange': return end(400, '{"error":"the moon is full"}');
    case 'unwell': return end(400, '{"error":"partial write: unable to parse everything, though the lines are good"}');
    case 'locked': return end(401, '{"error":"authorization failed"}');
    case 'partly': store(lines.slice(1)); return end(201, '{"error":"partial write of line protocol occurred"}');
    case 'accepted': return end(200, '{"results":[]}');
    case 'hinted handoff': return end(500, '{"error":"hinted handoff queue not empty"}');
    case 'silent': return;
    case 'hangs up': response.destroy(); return;
    case 'hangs up half-way': response.writeHead(500, { 'content-length': 100 }).write('{"err'); setTimeout(() => response.destroy(), 2); return;
    case 'stores and hangs up': store(lines); response.destroy(); return;
    case 'stores and is silent': store(lines);
  }
}

/** On a busy machine a good answer may take long; where that would matter, `requestMs` is generous. */
async function open(fake: Fake, onHolding: (reason: string) => void = () => undefined, requestMs = 500): Promise<TimeSeries> {
  const series = await openTimeSeries({ url: fake.url, sqliteFile: '', onHolding, timing: { requestMs, backOff: { firstMs: 1, maxMs: 4 } } });
  cleanUp.push(() => series.close());
  return series;
}

const REFUSALS: Record<string, (poison: string[]) => { status: number; body: string }> = {
  '1.x': ([line]) => ({ status: 400, body: JSON.stringify({ error: `unable to parse '${line}': invalid field format` }) }),
  '1.x, another way': () => ({ status: 400, body: '{"error":"partial write: field type conflict: input field \\"v\\" on measurement \\"power\\" is type float, already exists as type string dropped=1"}' }),
  '2.x': () => ({ status: 422, body: '{"code":"unprocessable entity","message":"failure writing points to database: partial write: field type conflict: input field \\"v\\" dropped=0"}' }),
  '3': (poison) => ({ status: 400, body: JSON.stringify({ error: 'partial write of line protocol occurred', data: poison.map((original_line) => ({ original_line, line_number: 1, error_message: "invalid column type for column 'v', expected iox::column_type::field::string" })) }) }),
  'a proxy': () => ({ status: 413, body: 'Request Entity Too Large' }),
};

const reading = (index: number, poison: boolean): Reading => ({
  home: 'h1', device: `d${index}`, kind: 'note', value: poison ? 'poison' : 'fine', atMs: 1_790_000_000_000 + index, receivedMs: 1_790_000_000_500, clock: 'device', test: false,
});

test.each(Object.keys(REFUSALS))('whatever the server does, each line is stored or refused, never neither (refusals as of %s)', async (version) => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
    fc.array(fc.constantFrom('well' as const, ...MOODS), { maxLength: 12 }),
    async (poisoned, moods) => {
      const queue = [...moods];
      const fake = await fakeServer(() => queue.shift() ?? 'well', REFUSALS[version]!);
      const series = await open(fake, undefined, 60);
      const readings = poisoned.map((poison, index) => reading(index, poison));
      const { refused } = await series.append(readings);
      expect(refused.map((one) => one.reading)).toEqual(readings.filter(({ value }) => value === 'poison'));
      expect([...fake.stored].map((line) => Number(/device=d(\d+)/.exec(line)![1])).sort((a, b) => a - b))
        .toEqual(poisoned.flatMap((poison, index) => (poison ? [] : [index])));
      await series.close();
    },
  ), { numRuns: 25 });
}, 60_000);

test.each([...MOODS, 'unwell' as const])('a server that is "%s" is waited for and never believed', async (mood) => {
  let wellNow = false;
  const reasons: string[] = [];
  const fake = await fakeServer(() => (wellNow ? 'well' : mood), REFUSALS['1.x']!);
  const series = await open(fake, (reason) => {
    reasons.push(reason);
    if (reasons.length === 4) wellNow = true;
  });
  expect(await series.append([reading(0, false), reading(1, false)])).toEqual({ refused: [] });
  expect(fake.stored.size).toBe(2);
  expect(reasons).toHaveLength(4);
  expect(reasons.every((reason) => /^HW-SERIES-(UNREACHABLE|LOGIN|SERVER): .+\. .+/.test(reason))).toBe(true);
});

test('a single line is not given up while the server refuses a canary too', async () => {
  let wellNow = false;
  const reasons: string[] = [];
  const fake = await fakeServer(() => (wellNow ? 'well' : 'unwell'), REFUSALS['1.x']!);
  const series = await open(fake, (reason) => {
    reasons.push(reason);
    if (reasons.length === 5) wellNow = true;
  });
  expect(await series.append([reading(0, false)])).toEqual({ refused: [] });
  expect(fake.stored.size).toBe(1);
});

test('a line that was named once and then goes through is stored, not given up', async () => {
  const moods: Mood[] = ['unwell', 'well', 'well'];
  const fake = await fakeServer(() => moods.shift()!, REFUSALS['1.x']!);
  const series = await open(fake);
  expect(await series.append([reading(0, false)])).toEqual({ refused: [] });
  expect(fake).toMatchObject({ requests: 3, canaries: 1, stored: { size: 1 } });
});

test.each([1, 7])('an answer of 400 that names no line is waited out (%i lines)', async (number) => {
  let strange = 12;
  const fake = await fakeServer(() => (strange-- > 0 ? 'strange' : 'well'), REFUSALS['1.x']!);
  const series = await open(fake);
  expect(await series.append(Array.from({ length: number }, (_, index) => reading(index, false)))).toEqual({ refused: [] });
  expect(fake).toMatchObject({ canaries: 0, stored: { size: number } });
});

test('an append that holds repeats nothing faster than its back-off', async () => {
  const fake = await fakeServer(() => 'error', REFUSALS['1.x']!);
  const series = await openTimeSeries({ url: fake.url, sqliteFile: '', timing: { requestMs: 5_000, backOff: { firstMs: 50, maxMs: 100 } } });
  const appended = expect(series.append([reading(0, false)])).rejects.toThrow('closed');
  await new Promise((resolve) => { setTimeout(resolve, 600); });
  await series.close();
  await appended;
  expect(fake.requests).toBeGreaterThan(1);
  expect(fake.requests).toBeLessThan(9);
});
