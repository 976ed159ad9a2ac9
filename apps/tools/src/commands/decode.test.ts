import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import { decodeCommand } from './decode.js';

let out: string[];
let err: string[];

beforeEach(() => {
  out = [];
  err = [];
  jest.spyOn(console, 'log').mockImplementation((line: unknown) => void out.push(String(line)));
  jest.spyOn(console, 'error').mockImplementation((line: unknown) => void err.push(String(line)));
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = 0;
});

async function decode(topic: string, payload: string, ...more: string[]): Promise<number> {
  process.exitCode = 0;
  await decodeCommand().parseAsync(['--topic', topic, '--payload', payload, ...more], { from: 'user' });
  return process.exitCode;
}

test('readings are printed a line each', async () => {
  const code = await decode('homes/h1/devices/d1/readings', '{"ts":"2026-11-21T02:14:05Z","values":{"motion":true,"battery":87}}', '--at', '2026-11-21T02:14:06Z');
  const shared = { home: 'h1', device: 'd1', clock: 'device', test: false, at: '2026-11-21T02:14:05.000Z', received: '2026-11-21T02:14:06.000Z' };
  expect({ code, err, out: out.map((line): unknown => JSON.parse(line)) }).toEqual({ code: 0, err: [], out: [{ ...shared, kind: 'motion', value: true }, { ...shared, kind: 'battery', value: 87 }] });
});

test('what cannot be read is said with its reason, beside what can', async () => {
  expect(await decode('homes/h1/devices/d1/readings', '{"values":{"sos":true,"temperature":451}}')).toBe(1);
  expect(out).toHaveLength(1);
  expect(err).toEqual(['HW-DECODE-RANGE: values.temperature: 451 is outside -40…85']);
});

test('a status is printed, and a message that holds nothing says so', async () => {
  expect(await decode('homes/h1/hubs/hub/status', 'online')).toBe(0);
  expect(out).toEqual(['{"status":{"home":"h1","hub":"hub","online":true}}']);
  expect(await decode('homes/h1/devices/d1/readings', '{"values":{"motion":false}}')).toBe(0);
  expect(err[0]).toContain('Nothing happened');
});

test('by a replay’s rule old times stand', async () => {
  const old = '{"ts":"2019-04-01T00:00:00Z","values":{"motion":true}}';
  await decode('homes/h1/devices/d1/readings', old, '--at', '2026-11-21T02:14:06Z');
  await decode('homes/h1/devices/d1/readings', old, '--at', '2026-11-21T02:14:06Z', '--no-clock');
  expect(out.map((line) => (JSON.parse(line) as { at: string }).at)).toEqual(['2026-11-21T02:14:06.000Z', '2019-04-01T00:00:00.000Z']);
});
