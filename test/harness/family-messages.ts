import fc from 'fast-check';
import { KINDS, PSEUDONYM, decodeMessage, type Decoded, type DecodeOptions, type DecoderMemory, type KindSpec } from '#libs/telemetry';

export const ARRIVAL = Date.UTC(2026, 10, 21, 2, 14, 6);
const OPTIONS: DecodeOptions = { checkClock: true, retentionMs: 30 * 86_400_000 };

/** A message as it was sent below a home: its topic and its payload, and what must come of it. */
export interface Sample {
  says: string;
  topic: string;
  payload: unknown;
  /** As `told` writes it. */
  gives: string[];
}

/** A home that is listened to from its first message: what is said is decoded with what was said before. */
export function listenTo(home: string, options: Partial<DecodeOptions> = {}): (topic: string, payload: unknown, more?: { retain?: boolean; afterMs?: number }) => Decoded {
  const memory: DecoderMemory = {};
  let receivedMs = ARRIVAL;
  return (topic, payload, { retain = false, afterMs = 0 } = {}) => {
    receivedMs += afterMs;
    const decoded = decodeMessage({ topic: `homes/${home}/${topic}`, payload: bytesOf(payload), receivedMs, retain }, { ...OPTIONS, ...options }, memory);
    // What is remembered is saved as JSON and must be the same when it comes back.
    const saved = JSON.parse(JSON.stringify(memory)) as DecoderMemory;
    for (const family of Object.keys(memory)) delete memory[family];
    Object.assign(memory, saved);
    return decoded;
  };
}

/** What a message says, a line each: `pir-hall motion=true`, with ` test`, ` wrong clock` or the seconds before the arrival where it matters. */
export function told({ readings, status, faults, announced }: Decoded): string[] {
  return [
    ...readings.map(({ device, kind, value, test, clock, atMs, receivedMs }) => [
      `${device} ${kind}=${String(value)}`, test ? 'test' : '', clock === 'wrong' ? 'wrong clock' : '', clock === 'device' ? `${(atMs - receivedMs) / 1_000} s` : '',
    ].filter((part) => part !== '').join(' ')),
    ...(status === undefined ? [] : [`${status.device ?? `hub ${status.hub}`} ${status.online ? 'online' : 'offline'}`]),
    ...(announced ?? []).map(({ device, model, kinds }) => `${device} announced ${model} ${kinds.join(',')}`),
    ...faults.map(({ code, reason }) => `${code} ${reason}`),
  ];
}

/** What each sample gives, by itself, in a new home. */
export function toldOf({ topic, payload }: Sample): string[] {
  return told(listenTo('h1')(topic, payload));
}

function bytesOf(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  return Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
}

/** Samples bent in every way: topics and payloads cut, swapped, flipped, or replaced by anything. */
export function bentMessages(samples: readonly Sample[], family: string): fc.Arbitrary<{ topic: string; payload: Uint8Array; retain: boolean }> {
  const topics = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...samples.map(({ topic }) => topic)) }, fc.string().map((path) => `${family}/${path}`));
  const written = fc.constantFrom(...samples.map(({ payload }) => Buffer.from(bytesOf(payload))));
  const flipped = fc.tuple(written, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 })).map(([bytes, changes]) => {
    const bent = Buffer.from(bytes);
    for (const [place, value] of changes) if (bent.length > 0) bent[place % bent.length] = value;
    return bent;
  });
  const swapped = fc.tuple(written, fc.jsonValue(), fc.nat()).map(([bytes, value, place]) => Buffer.from(swapValue(bytes.toString(), value, place)));
  const payloads = fc.oneof(written, flipped, swapped, fc.json().map((json) => Buffer.from(json)), fc.uint8Array({ maxLength: 200 }));
  return fc.record({ topic: topics, payload: payloads, retain: fc.boolean() });
}

/** One value of a JSON text replaced by another. */
function swapValue(json: string, value: unknown, place: number): string {
  const values = [...json.matchAll(/:\s*("[^"]*"|[\d.+-]+|true|false|null)/g)];
  const match = values[place % Math.max(1, values.length)];
  return match === undefined ? JSON.stringify(value) : `${json.slice(0, match.index)}:${JSON.stringify(value)}${json.slice(match.index + match[0].length)}`;
}

/** What is wrong with the readings and faults of a message, as the promises of their types go; nothing if nothing is. */
export function brokenPromises({ readings, faults }: Decoded): string[] {
  const specs: Record<string, KindSpec> = KINDS;
  return [
    ...readings.filter(({ device }) => !PSEUDONYM.test(device)).map(({ device }) => `device ${device}`),
    ...readings.filter(({ kind }) => !/^[a-z][a-z0-9_]{0,63}$/.test(kind)).map(({ kind }) => `kind ${kind}`),
    ...readings.filter(({ atMs }) => !Number.isSafeInteger(atMs)).map(({ atMs }) => `time ${atMs}`),
    ...readings.filter(({ kind, value }) => {
      const spec = Object.hasOwn(specs, kind) ? specs[kind] : undefined;
      if (spec?.type === 'event') return value !== true;
      if (spec?.type === 'state') return typeof value !== 'boolean';
      return typeof value === 'number' && !(value >= (spec?.min ?? -Number.MAX_VALUE) && value <= (spec?.max ?? Number.MAX_VALUE));
    }).map(({ kind, value }) => `${kind} ${String(value)}`),
    ...(readings.length > 5_000 || faults.length > 20 ? [`${readings.length} readings, ${faults.length} faults`] : []),
    ...faults.filter(({ code, reason }) => /decoder for \w+ failed/.test(reason) || !code.startsWith('HW-DECODE-') || reason.length > 600).map(({ reason }) => reason),
  ];
}
