import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTimeSeries } from '#libs/timeseries';
import { SOURCE_ARGUMENTS } from '../harness/source-worker.js';

/** What happens to the embedded time series when its process is killed, or its disk fails a write. */
const APPENDER = join(import.meta.dirname, '../../libs/timeseries/src/sqlite/appending.test-process.ts');
const LENGTH = 400;

let folder: string;
let file: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearthwatch-series-'));
  file = join(folder, 'series.db');
});

afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Starts the appender; `said` grows as it speaks. */
function appender(first: number, through: string[] = []): { process: ChildProcess; said: { text: string } } {
  const [command, ...rest] = [...through, process.execPath, ...SOURCE_ARGUMENTS, APPENDER, file, String(first), String(LENGTH)];
  const started = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  child = started;
  const said = { text: '' };
  started.stdout.on('data', (data: Buffer) => { said.text += data.toString(); });
  return { process: started, said };
}

async function until(said: { text: string }, pattern: RegExp): Promise<void> {
  for (let waitedMs = 0; !pattern.test(said.text); waitedMs += 10) {
    if (waitedMs > 20_000) throw new Error(`not heard: ${String(pattern)}`);
    await sleep(10);
  }
}

const promised = (said: { text: string }): number => said.text.match(/^stored \d+\n/gm)?.length ?? 0;

async function stored(): Promise<number> {
  const series = await openTimeSeries({ url: 'sqlite:', sqliteFile: file, readOnly: true });
  const count = await series.count();
  const latest = (await Promise.all(['h0', 'h1', 'h2'].map((home) => series.latest(home)))).flat();
  expect(latest.every(({ value }) => typeof value === 'number')).toBe(true);
  await series.close();
  return count;
}

test('kill -9 at any moment: what was promised is there, and no batch is there in part', async () => {
  const seed = Date.now() % 1_000_000;
  let batches = 0;
  for (const waitMs of fc.sample(fc.integer({ min: 0, max: 120 }), { numRuns: 10, seed })) {
    const { process: appending, said } = appender(batches);
    await until(said, /stored/);
    await sleep(waitMs);
    appending.kill('SIGKILL');
    await once(appending, 'close');
    const count = await stored();
    expect({ seed, rest: count % LENGTH }).toEqual({ seed, rest: 0 });
    const least = batches + promised(said);
    batches = count / LENGTH;
    expect(batches).toBeGreaterThanOrEqual(least);
    expect(batches).toBeLessThanOrEqual(least + 1); // Committed, but killed before it could say so.
  }
}, 120_000);

test('readers beside a writer see whole batches, never fewer than before, and never wait', async () => {
  const { said } = appender(0);
  await until(said, /stored/);
  const reader = await openTimeSeries({ url: 'sqlite:', sqliteFile: file, readOnly: true });
  let before = 0;
  let seen = 0;
  while (promised(said) < 40) {
    const promisedBefore = promised(said);
    const count = await reader.count();
    expect(count % LENGTH).toBe(0);
    expect(count).toBeGreaterThanOrEqual(Math.max(before, promisedBefore * LENGTH));
    if (count > before) seen++;
    before = count;
    await sleep(1);
  }
  expect(seen).toBeGreaterThan(5);
  await reader.close();
}, 60_000);

const canLimit = ((): boolean => {
  try {
    return execFileSync('prlimit', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch {
    return false;
  }
})();

(canLimit ? test : test.skip)('a write that the system fails (needs prlimit of util-linux): the append is refused whole, and goes on once there is room', async () => {
  const { process: appending, said } = appender(0, ['prlimit', '--fsize=1500000:']);
  await until(said, /failed/);
  const before = promised(said);
  expect(before).toBeGreaterThan(3);
  expect(said.text).toMatch(new RegExp(`failed ${before} HW-SERIES-(FULL|FILE)\n$`));
  expect(await stored()).toBe(before * LENGTH); // While the process still has the file open,
  appending.kill('SIGKILL');
  await once(appending, 'close');
  expect(await stored()).toBe(before * LENGTH); // and after its end.
  const again = appender(before);
  await until(again.said, new RegExp(`stored ${before + 9}\n`));
  again.process.kill('SIGKILL');
  await once(again.process, 'close');
  expect(await stored()).toBeGreaterThanOrEqual((before + 10) * LENGTH);
}, 60_000);
