import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { decodeMessage } from './decode-message.js';
import type { Decoded, DecodeOptions } from './decoded.js';
import { KINDS } from './kinds.js';

const ARRIVAL = Date.UTC(2026, 10, 21, 2, 14, 6);
const OPTIONS: DecodeOptions = { checkClock: true, retentionMs: 30 * 86_400_000 };

function decode(payload: unknown, options = OPTIONS, topic = 'homes/h1/devices/d1/readings'): Decoded {
  const bytes = payload instanceof Uint8Array ? payload : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return decodeMessage({ topic, payload: bytes, receivedMs: ARRIVAL }, options);
}

const kept = (decoded: Decoded): Record<string, unknown> => Object.fromEntries(decoded.readings.map(({ kind, value }) => [kind, value]));
const reasons = (decoded: Decoded): string[] => decoded.faults.map(({ code, reason }) => `${code} ${reason}`);

describe('a canonical message', () => {
  test('gives one reading a value, with all that the message says of it', () => {
    const decoded = decode('{"ts": "2026-11-21T02:14:05.120Z", "values": {"motion": true, "battery": 87}, "seq": 1201, "sent": "2026-11-21T02:14:06Z", "resident": "r2", "test": false}');
    const shared = { home: 'h1', device: 'd1', atMs: Date.UTC(2026, 10, 21, 2, 14, 5, 120), receivedMs: ARRIVAL, clock: 'device', test: false, resident: 'r2', seq: 1201 };
    expect(decoded).toEqual({ faults: [], readings: [{ ...shared, kind: 'motion', value: true }, { ...shared, kind: 'battery', value: 87 }] });
  });

  test('without a time happened when it arrived', () => {
    expect(decode({ values: { motion: true } }).readings[0]).toMatchObject({ atMs: ARRIVAL, clock: 'arrival' });
    expect(decode({ ts: null, values: { motion: true } }).readings[0]).toMatchObject({ atMs: ARRIVAL, clock: 'arrival' });
  });

  test('takes milliseconds since 1970 for a time', () => {
    expect(decode({ ts: ARRIVAL - 5, values: { motion: true } }).readings[0]).toMatchObject({ atMs: ARRIVAL - 5, clock: 'device' });
  });

  test('in an array is a backlog, each element with its own time', () => {
    const decoded = decode([{ ts: ARRIVAL - 9, values: { motion: true } }, { ts: ARRIVAL - 8, values: { open: false } }]);
    expect(decoded.readings.map(({ kind, atMs }) => [kind, ARRIVAL - atMs])).toEqual([['motion', 9], ['open', 8]]);
  });

  test('may begin with a byte order mark', () => {
    expect(kept(decode('\uFEFF{"values":{"sos":true}}'))).toEqual({ sos: true });
  });
});

describe('each value is judged alone', () => {
  test('a temperature out of range does not take an SOS with it', () => {
    const decoded = decode({ values: { temperature: 451, sos: true } });
    expect(kept(decoded)).toEqual({ sos: true });
    expect(decoded.faults).toEqual([{ code: 'HW-DECODE-RANGE', reason: 'values.temperature: 451 is outside -40…85', home: 'h1', device: 'd1' }]);
  });

  test.each([
    ['a number that JSON cannot write', '{"values":{"sos":true,"temperature":NaN}}', 'HW-DECODE-TYPE values.temperature: null is not a number'],
    ['a number beyond all numbers', '{"values":{"sos":true,"temperature":1e999}}', 'HW-DECODE-RANGE values.temperature: Infinity is outside -40…85'],
    ['a text for a number', '{"values":{"sos":true,"temperature":"21"}}', 'HW-DECODE-TYPE values.temperature: "21" is not a number'],
    ['a number for a state', '{"values":{"sos":true,"open":1}}', 'HW-DECODE-TYPE values.open: 1 is not true or false'],
    ['a word that is no choice', '{"values":{"sos":true,"sleep_state":"dozing"}}', 'HW-DECODE-RANGE values.sleep_state: "dozing" is none of awake, light, deep, rem, out_of_bed'],
    ['an object for a value', '{"values":{"sos":true,"temperature":{"value":21}}}', 'HW-DECODE-TYPE values.temperature: an object is not a number'],
    ['a name that no kind can have', '{"values":{"sos":true,"__proto__":{"test":true}}}', 'HW-DECODE-KIND values.__proto__: not a name of a kind (a–z, 0–9 and _, a letter first, 64 at most)'],
    ['a time that is none', '{"ts":"yesterday","values":{"sos":true}}', 'HW-DECODE-TIME ts: not a time of RFC 3339 with a zone between 1970 and 2255'],
    ['a time without a zone', '{"ts":"2026-11-21T02:14:05","values":{"sos":true}}', 'HW-DECODE-TIME ts: not a time of RFC 3339 with a zone between 1970 and 2255'],
    ['a number that is no time', '{"ts":-1,"values":{"sos":true}}', 'HW-DECODE-TIME ts: neither a time of RFC 3339 nor milliseconds since 1970'],
    ['a test that is neither true nor false', '{"test":"yes","values":{"sos":true}}', 'HW-DECODE-FIELD test: neither true nor false'],
    ['a resident who is no pseudonym', '{"resident":"Ann Example","values":{"sos":true}}', 'HW-DECODE-FIELD resident: not a pseudonym'],
    ['a number that no message can have', '{"seq":1.5,"values":{"sos":true}}', 'HW-DECODE-FIELD seq: not a whole number from 0'],
    ['a key that is there twice', '{"values":{"temperature":20,"sos":true,"temperature":21}}', 'HW-DECODE-DUPLICATE a key is there twice in one object; its last value was taken'],
    ['a text with control characters', '{"values":{"sos":true,"note":"a\\u0000b"}}', 'HW-DECODE-RANGE values.note: a text with control characters'],
    ['a text that is too long', JSON.stringify({ values: { sos: true, note: 'x'.repeat(201) } }), 'HW-DECODE-RANGE values.note: a text of more than 200 characters'],
  ])('%s leaves the SOS beside it alone', (_, payload, reason) => {
    const decoded = decode(payload);
    expect(kept(decoded)).toMatchObject({ sos: true });
    expect(decoded.readings.every(({ test, resident }) => !test && resident === undefined)).toBe(true);
    expect(reasons(decoded)).toEqual([reason]);
  });

  test('an unknown kind with a number, a boolean or a short text is kept, `constructor` too', () => {
    const values = { co2_ppm: 640, lid: true, mode: 'éco 🙂', constructor: 1, big: -1e300 };
    expect(decode({ values })).toMatchObject({ faults: [] });
    expect(kept(decode({ values }))).toEqual(values);
  });

  test('an event that is false did not happen: no reading and no fault', () => {
    expect(decode({ values: { motion: false, sos: false } })).toEqual({ readings: [], faults: [] });
  });

  test('minus zero is zero, so that its repeat is one', () => {
    expect(Object.is(decode('{"values":{"temperature":-0}}').readings[0]?.value, 0)).toBe(true);
  });
});

describe('a message that cannot be read says why', () => {
  test.each([
    ['', 'HW-DECODE-JSON empty'],
    ['{"values":', 'HW-DECODE-JSON not JSON'],
    ['{"values":{"sos":true}} trailing', 'HW-DECODE-JSON not JSON'],
    [Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'HW-DECODE-JSON not UTF-8'],
    ['null', 'HW-DECODE-SHAPE the message: not an object'],
    ['"online"', 'HW-DECODE-SHAPE the message: not an object'],
    ['[]', 'HW-DECODE-SHAPE an array without an element'],
    ['[[{"values":{"sos":true}}]]', 'HW-DECODE-SHAPE [0]: not an object'],
    ['{"motion":true}', 'HW-DECODE-SHAPE values: missing'],
    ['{"values":[{"sos":true}]}', 'HW-DECODE-SHAPE values: not an object'],
    ['{"values":{}}', 'HW-DECODE-SHAPE values: without a value'],
    [`{"values":{"note":"${'x'.repeat(262_144)}"}}`, 'HW-DECODE-SIZE 262166 bytes are more than 262144'],
    [`${'['.repeat(130_000)}${']'.repeat(130_000)}`, 'HW-DECODE-SHAPE [0]: not an object'],
  ])('%.40s', (payload, reason) => {
    expect(reasons(decode(payload))).toEqual([reason]);
    expect(decode(payload).readings).toEqual([]);
  });

  test('a value nested a hundred thousand deep is a value of the wrong type', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const decoded = decode(`{"values":{"note":${deep},"sos":true}}`);
    expect(kept(decoded)).toEqual({ sos: true });
    expect(reasons(decoded)).toEqual(['HW-DECODE-TYPE values.note: an array is not a number, true, false or a short text']);
  });

  test('an array of more than 1,000 is cut there, but for alarms', () => {
    const elements = Array.from({ length: 1_002 }, (_, index) => ({ ts: ARRIVAL - index, values: { motion: true, smoke: index > 1_000 } }));
    const decoded = decode(elements);
    expect(decoded.readings.filter(({ kind }) => kind === 'motion')).toHaveLength(1_000);
    expect(decoded.readings.filter(({ kind }) => kind === 'smoke')).toHaveLength(1_002);
    expect(reasons(decoded)).toEqual(['HW-DECODE-COUNT 1002 elements are more than 1000; of those after them only alarms were read']);
  });

  test('too many unknown kinds do not push out known ones', () => {
    const unknown = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`kind_${index}`, index]));
    const decoded = decode({ values: { ...unknown, sos: true } });
    expect(decoded.readings).toHaveLength(33);
    expect(kept(decoded)).toMatchObject({ sos: true });
    expect(reasons(decoded)).toEqual(['HW-DECODE-COUNT values: 40 unknown kinds are more than 32; the rest were left out']);
  });

  test('a thousand faults are told as twenty', () => {
    const decoded = decode(Array.from({ length: 1_000 }, () => ({ values: { temperature: 451 } })));
    expect(decoded.faults).toHaveLength(20);
    expect(decoded.faults.at(-1)?.reason).toBe('[19].values.temperature: 451 is outside -40…85; and 980 more');
  });
});

describe('the clock', () => {
  const at = (ts: number, sent?: number, options = OPTIONS) => {
    const [reading] = decode({ ts, sent, values: { motion: true } }, options).readings;
    return [(reading?.atMs ?? Number.NaN) - ARRIVAL, reading?.clock];
  };
  const minute = 60_000;
  const day = 1_440 * minute;

  test.each([
    ['five minutes ahead is still believed', 5 * minute, [5 * minute, 'device']],
    ['more than five minutes ahead is wrong', 5 * minute + 1, [0, 'wrong']],
    ['a year ahead is wrong', 365 * day, [0, 'wrong']],
    ['as old as the retention is late', -30 * day, [-30 * day, 'device']],
    ['older than the retention is wrong', -30 * day - 1, [0, 'wrong']],
    ['a hub that says 1970 is wrong', -ARRIVAL + 60_000, [0, 'wrong']],
  ])('%s', (_, offsetMs, expected) => {
    expect(at(ARRIVAL + offsetMs)).toEqual(expected);
  });

  test('is not checked in a replay', () => {
    expect(at(ARRIVAL - 3_000 * day, undefined, { ...OPTIONS, checkClock: false })).toEqual([-3_000 * day, 'device']);
  });

  test.each([
    ['a year ahead', 365 * day],
    ['an hour ahead, a zone forgotten', 60 * minute],
    ['a year behind', -365 * day],
    ['at 1970', 1_000_000 - ARRIVAL],
  ])('that is %s is corrected by what `sent` says', (_, offsetMs) => {
    expect(at(ARRIVAL + offsetMs - 90_000, ARRIVAL + offsetMs)).toEqual([-90_000, 'device']);
  });

  test.each([
    ['four minutes ahead', 4 * minute],
    ['two hours behind: the message may have waited', -120 * minute],
  ])('that may be right is left alone: `sent` %s', (_, offsetMs) => {
    expect(at(ARRIVAL + offsetMs - 1_000, ARRIVAL + offsetMs)).toEqual([offsetMs - 1_000, 'device']);
  });
});

describe('other topics', () => {
  const on = (topic: string, payload: unknown = { values: { sos: true } }) => decode(payload, OPTIONS, topic);

  test('what no decoder can read is kept for later, with the reason', () => {
    expect(reasons(on('homes/h1/homeassistant/pir-hall'))).toEqual(['HW-DECODE-TOPIC pir-hall: no discovery message has told what this topic means']);
    expect(reasons(on('homes/h1/something/else'))).toEqual(['HW-DECODE-TOPIC no topic of ours, and no discovery message has told what it means']);
  });

  test.each(['homes/h1', 'homes//devices/d/readings', 'elsewhere', 'homes/h 1/devices/d/readings'])('%s is outside', (topic) => {
    expect(on(topic).faults[0]).toMatchObject({ code: 'HW-DECODE-TOPIC', home: null });
  });

  test('a status is a word or an object', () => {
    expect(on('homes/h1/devices/d1/status', 'offline')).toEqual({ readings: [], faults: [], status: { home: 'h1', device: 'd1', online: false } });
    expect(on('homes/h1/hubs/hub/status', { state: 'online', mains: true, queued: 0, link: 'cellular' }).status)
      .toEqual({ home: 'h1', hub: 'hub', online: true, mains: true, queued: 0, link: 'cellular' });
  });

  test('a removed retained status says nothing', () => {
    expect(on('homes/h1/hubs/hub/status', Buffer.alloc(0))).toEqual({ readings: [], faults: [] });
  });

  test('a status keeps what can be read beside what cannot', () => {
    const decoded = on('homes/h1/hubs/hub/status', { state: 'offline', mains: 'no', queued: -1 });
    expect(decoded.status).toEqual({ home: 'h1', hub: 'hub', online: false });
    expect(reasons(decoded)).toEqual(['HW-DECODE-FIELD mains: neither true nor false', 'HW-DECODE-FIELD queued: not a whole number from 0']);
  });

  test.each(['Off', '{"state":"maybe"}', '[]', '12'])('%s is no status', (payload) => {
    const decoded = on('homes/h1/hubs/hub/status', payload);
    expect(decoded.status).toBeUndefined();
    expect(decoded.faults).toHaveLength(1);
  });
});

describe('whatever arrives', () => {
  const topics = fc.oneof(
    fc.constant('homes/h1/devices/d1/readings'), fc.constant('homes/h1/devices/d1/status'), fc.constant('homes/h1/hubs/hub/status'), fc.string(),
  );
  const payloads = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json({ maxDepth: 6 }).map((text) => Buffer.from(text)),
    fc.record({ ts: fc.anything(), values: fc.anything(), seq: fc.anything(), test: fc.anything() }, { requiredKeys: [] })
      .map((message) => Buffer.from(JSON.stringify(message) ?? '')),
  );

  test('it never throws, and every reading that comes out keeps the promises of its type', () => {
    fc.assert(fc.property(topics, payloads, fc.boolean(), (topic, payload, checkClock) => {
      const decoded = decodeMessage({ topic, payload, receivedMs: ARRIVAL }, { ...OPTIONS, checkClock });
      for (const reading of decoded.readings) {
        expect(reading.kind).toMatch(/^[a-z][a-z0-9_]{0,63}$/);
        expect(Number.isSafeInteger(reading.atMs * 1_000 + 999)).toBe(true);
        if (typeof reading.value === 'number') expect(Number.isFinite(reading.value)).toBe(true);
      }
      for (const { code, reason } of decoded.faults) {
        expect(code).toMatch(/^HW-DECODE-/);
        expect(reason.length).toBeLessThan(600);
      }
    }), { numRuns: 500 });
  });

  test('an SOS is found whatever stands beside it', () => {
    const beside = fc.dictionary(fc.string().filter((key) => key !== 'sos' && key !== '__proto__'), fc.jsonValue(), { maxKeys: 30 });
    fc.assert(fc.property(beside, fc.jsonValue(), fc.jsonValue(), (values, ts, seq) => {
      const decoded = decode(JSON.stringify({ ts, seq, values: { ...values, sos: true } }));
      expect(kept(decoded)).toMatchObject({ sos: true });
    }), { numRuns: 300 });
  });

  test('a value of a known kind is kept exactly when its range holds it', () => {
    const numeric = Object.entries(KINDS).filter(([, spec]) => spec.type === 'number') as [string, { min: number; max: number }][];
    fc.assert(fc.property(fc.constantFrom(...numeric), fc.double({ noNaN: true, min: -1e6, max: 1e6 }), ([kind, { min, max }], value) => {
      expect(decode(JSON.stringify({ values: { [kind]: value } })).readings).toHaveLength(value >= min && value <= max ? 1 : 0);
    }), { numRuns: 300 });
  });
});
