import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { openDatabase } from '#libs/database';
import { systemClock } from '#libs/runtime';
import { HearthwatchApi, readTihmRecording, recordedMessages, replay, type Progress, type TihmRecording, type TimedMessage } from '#simulators';
import { Influxd, influxdFile } from '../harness/influxd.js';
import { eventually, Service } from '../harness/service.js';
import { syntheticTables, writeTables } from '../harness/synthetic-tihm.js';

/**
 * A recording played over MQTT to the whole service, and the same recording through `backtest`: the
 * same findings, word for word, and every reading once in the time series. The recording is made up,
 * unless TIHM_DIR names a folder with the real one.
 */
const TIHM_DIR = process.env['TIHM_DIR'];
const ENGINES = ['sqlite', ...(influxdFile() === undefined ? [] : ['influxd'])] as const;

/** A line of the back-test's output. */
interface Line {
  home: string;
  rule: string;
  ruleVersion: number;
  severity: string;
  from: string;
  at: string;
  reason: string;
  evidence: unknown[];
}

let folder: string;
let recording: TihmRecording;
let expected: Line[];
let service: Service;

const inOrder = (lines: Line[]): Line[] => lines.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
const iso = (ms: number): string => new Date(ms).toISOString();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearthwatch-recording-'));
  if (TIHM_DIR === undefined) await writeTables(folder, syntheticTables({ homes: 12, days: 12, seed: 20190501, eventsADay: 70, silentDay: 6 }), 'gz');
  const from = TIHM_DIR ?? folder;
  recording = await readTihmRecording(from);
  const out = join(folder, 'alerts.ndjson');
  await promisify(execFile)(process.execPath, ['dist/apps/tools/src/main.js', 'backtest', '--dataset', 'tihm', '--from', from, '--out', out]);
  expected = inOrder((await readFile(out, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as Line));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

let influxd: Influxd | undefined;

async function startOn(engine: string): Promise<void> {
  if (engine === 'influxd') influxd = await Influxd.start();
  service = await Service.create({ HEARTHWATCH_CLOCK: 'readings', ...(influxd && { HEARTHWATCH_TIMESERIES_URL: influxd.url }) });
  await service.start();
}
afterEach(async () => {
  await service?.dispose();
  await influxd?.stop();
  influxd = undefined;
});

function play(messages: Iterable<TimedMessage>): Promise<Progress> {
  return replay(recording.homes, messages, {
    broker: service.mqttUrl, api: new HearthwatchApi({ url: service.httpUrl, token: service.token }),
    clock: systemClock, speed: 'max', signal: new AbortController().signal,
  });
}

/** What the service has found worth raising, once it has read all messages. */
async function raised(): Promise<Line[]> {
  const database = await openDatabase({ url: 'sqlite:', sqliteFile: join(service.dataDir, 'hearthwatch.db') });
  try {
    await eventually(600_000, async () => {
      const { position } = await database.selectFrom('checkpoints').select('position').where('consumer', '=', 'detection').executeTakeFirstOrThrow();
      return position >= recording.messages.length;
    });
    const rows = await database.selectFrom('findings').selectAll().where('change', '=', 'raise').execute();
    return inOrder(rows.map(({ home, rule, ruleVersion, severity, fromMs, atMs, reason, evidenceJson }) => ({
      home, rule, ruleVersion, severity, from: iso(fromMs), at: iso(atMs), reason,
      evidence: (JSON.parse(evidenceJson) as { device: string; kind: string; value: unknown; atMs: number }[]).map(({ device, kind, value, atMs: readAtMs }) => ({ device, kind, value, at: iso(readAtMs) })),
    })));
  } finally {
    await database.destroy();
  }
}

async function storedReadings(): Promise<number> {
  let count = 0;
  const times = recording.messages.map(({ atMs }) => atMs);
  const from = iso(times.reduce((least, atMs) => Math.min(least, atMs), Infinity));
  const to = iso(times.reduce((most, atMs) => Math.max(most, atMs), 0) + 1);
  for (const { id } of recording.homes) {
    const { items } = await service.api<{ items: { value: number }[] }>('GET', `/homes/${id}/readings?fn=count&every=1d&limit=10000&from=${from}&to=${to}`);
    for (const { value } of items) count += value;
  }
  return count;
}

(TIHM_DIR === undefined ? test : test.skip)('the made-up recording gives something to find: several rules, and a night on which everybody is silent', () => {
  const rules = new Set(expected.map(({ rule }) => rule));
  for (const rule of ['blood-pressure', 'pulse', 'body-temperature', 'night-exit', 'fleet-silent']) expect(rules).toContain(rule);
  expect(expected.length).toBeGreaterThan(100);
});

test.each(ENGINES)('played at full speed, the service on %s finds what the back-test finds, and holds every reading once', async (engine) => {
  await startOn(engine);
  expect(await play(recordedMessages(recording))).toMatchObject({ acknowledged: recording.messages.length });
  const found = await raised();
  expect(found).toEqual(expected);
  const stored = await eventually(60_000, async () => (await storedReadings()) >= recording.readings && storedReadings());
  expect(stored).toBe(recording.readings);
  if (TIHM_DIR !== undefined) console.info(`${engine}: ${stored} readings stored of ${recording.readings}; ${found.length} findings, the back-test's ${expected.length}`);
}, 900_000);

test('killed in the middle and started again, it still does', async () => {
  await startOn('sqlite');
  let restarted: Promise<void> | undefined;
  function* killingHalfway(): Generator<TimedMessage> {
    let sent = 0;
    for (const message of recordedMessages(recording)) {
      sent += 1;
      if (sent === Math.floor(recording.messages.length / 2)) restarted = service.end('SIGKILL').then(() => service.start());
      yield message;
    }
  }
  expect(await play(killingHalfway())).toMatchObject({ acknowledged: recording.messages.length });
  await restarted;
  expect(await raised()).toEqual(expected);
  expect(await eventually(60_000, async () => (await storedReadings()) >= recording.readings && storedReadings())).toBe(recording.readings);
}, 900_000);
