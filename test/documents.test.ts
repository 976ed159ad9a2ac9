import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { decodeMessage, KINDS, type KindSpec } from '#libs/telemetry';
import { ROOT } from './architecture/source-files.js';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const CONTRACT = read('docs/mqtt.md');

/** The accepted values of a kind as the table writes them. */
function accepted({ type, min, max, choices }: KindSpec): string {
  const written = (bound: number | undefined): string => String(bound).replace('-', '−');
  if (type === 'event') return '`true`';
  if (type === 'state') return '`true`, `false`';
  return type === 'number' ? `${written(min)}…${written(max)}` : (choices ?? []).map((choice) => `\`${choice}\``).join(', ');
}

test('the MQTT contract lists every kind with its type, unit and accepted values, and no other', () => {
  const section = CONTRACT.slice(CONTRACT.indexOf('## Kinds'), CONTRACT.indexOf('## Time'));
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const expected = Object.entries<KindSpec>(KINDS).map(([kind, spec]) => `| \`${kind}\` | ${spec.type} | ${spec.unit === undefined ? '' : `\`${spec.unit}\``} | ${accepted(spec)} |`);
  expect(rows.toSorted()).toEqual(expected.toSorted());
});

/** The JSON blocks below a heading, up to the next heading of its level. */
function examples(heading: string): string[] {
  const from = CONTRACT.indexOf(`\n${heading}\n`);
  expect(from).toBeGreaterThan(0);
  const level = heading.split(' ')[0]!;
  const until = CONTRACT.indexOf(`\n${level} `, from + heading.length);
  return [...CONTRACT.slice(from, until < 0 ? undefined : until).matchAll(/```json\n(.*?)```/gs)].map(([, json]) => json!);
}

function decoded(topic: string, payload: string): ReturnType<typeof decodeMessage> {
  return decodeMessage({ topic, payload: Buffer.from(payload), receivedMs: Date.parse('2026-11-21T02:15:00Z') }, { checkClock: true, retentionMs: 400 * 86_400_000 });
}

test('the payloads that the contract shows are read without a fault', () => {
  const payloads = examples('### Readings');
  expect(payloads).toHaveLength(3);
  const answers = payloads.map((payload) => decoded('homes/h1/devices/d1/readings', payload));
  expect(answers.map(({ faults }) => faults)).toEqual([[], [], []]);
  expect(answers.map(({ readings }) => readings.length)).toEqual([1, 3, 3]);
});

test("the hub's status that the contract shows is read", () => {
  const [status] = examples("### A hub's status");
  expect(decoded('homes/h1/hubs/hub/status', status!)).toMatchObject({ faults: [], status: { online: true, mains: true, queued: 0, link: 'cellular' } });
});

test('the rejection that the contract shows is what such a payload gets', () => {
  const [rejection] = examples('## What the service sends').map((json) => JSON.parse(json) as { code: string; reason: string; payload: string });
  expect(decoded('homes/h1/devices/d1/readings', rejection!.payload).faults).toMatchObject([{ code: rejection!.code, reason: rejection!.reason }]);
});

test('every decision has its row in the index', () => {
  const pages = readdirSync(join(ROOT, 'docs/decisions')).filter((file) => file !== 'README.md');
  const index = read('docs/decisions/README.md');
  expect(pages.filter((page) => !index.includes(`](${page})`))).toEqual([]);
});

test('every script that documents name exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const documents = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`)];
  const named = documents.flatMap((path) => [...read(path).matchAll(/npm run ([a-z-]+)/g)].map(([, script]) => ({ path, script: script! })));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
});

test('the messages that the installers’ pages try without a device are read without a fault', () => {
  const pages = readdirSync(join(ROOT, 'docs/installers')).filter((file) => file.endsWith('.md'));
  const tried = pages.flatMap((page) => [...read(`docs/installers/${page}`).matchAll(/npm run decode -- --topic (\S+) --payload (?:'([^']+)'|(\S+))/g)].map(([, topic, quoted, plain]) => ({ topic: topic!, payload: quoted ?? plain! })));
  expect(tried.length).toBeGreaterThan(8);
  const silent = tried.map((message) => ({ ...message, ...decoded(message.topic, message.payload) })).filter(({ readings, announced = [], faults }) => faults.length > 0 || readings.length + announced.length === 0);
  expect(silent).toEqual([]);
});
