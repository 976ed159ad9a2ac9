import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../harness/service.js';

/** The first look, as `npm run demo` gives it, with a day that passes in 25 seconds. */

let temporary: string;
let demo: ChildProcess;
let output = '';

beforeEach(async () => {
  output = '';
  temporary = await mkdtemp(join(tmpdir(), 'demo-test-'));
  demo = spawn(process.execPath, ['dist/apps/tools/src/main.js', 'demo', '--seconds', '25'], { env: { ...process.env, TMPDIR: temporary }, stdio: ['ignore', 'pipe', 'pipe'] });
  const keep = (chunk: Buffer): void => { output += chunk.toString(); };
  demo.stdout?.on('data', keep);
  demo.stderr?.on('data', keep);
});
afterEach(async () => {
  if (demo.exitCode === null) demo.kill('SIGKILL');
  await rm(temporary, { recursive: true, force: true });
});

async function ended(signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(demo, 'exit') as Promise<[number | null]>;
  demo.kill(signal);
  return (await exit)[0];
}

const shown = (pattern: RegExp, withinMs: number): Promise<RegExpExecArray> => eventually(withinMs, () => Promise.resolve(pattern.exec(output) ?? undefined)).catch((error: Error) => {
  throw new Error(`${String(pattern)} was not shown:\n${output}`, { cause: error });
});

test('everybody\'s incident becomes an alert and a mail; Ctrl-C leaves nothing behind', async () => {
  const [, url] = await shown(/Open +(http:\S+)[^]*Sign in +admin[^]*Password +\S{20}/, 60_000);
  await shown(/street-2 {2}URGENT: Systolic 186/, 60_000);
  await shown(/street-4 {2}URGENT.*°C, below 16 °C/, 60_000);
  await shown(/street-3 {2}EMERGENCY.*door/, 60_000);
  await shown(/street-1 {2}EMERGENCY: Pressed for help/, 60_000);
  for (const home of [1, 2, 3, 4]) await shown(new RegExp(`mail to family\\.street-${home}@example\\.org: Hearthwatch: `), 30_000);
  expect(output).not.toMatch(/TECHNICAL|inactiv|No movement/i);
  await shown(/reached the present/, 30_000);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  expect(await ended('SIGINT')).toBe(0);
  await expect(fetch(`${url}/health/ready`)).rejects.toThrow();
  expect(await readdir(temporary)).toEqual([]);
}, 180_000);

test('stopped while it starts, it stops', async () => {
  await shown(/Starting the service/, 30_000);
  expect(await ended('SIGTERM')).toBe(0);
  expect(await readdir(temporary)).toEqual([]);
}, 60_000);
