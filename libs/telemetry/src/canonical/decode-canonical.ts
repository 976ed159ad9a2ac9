import type { DecodeFault, DecodeFaultCode, DecodeOptions } from '../decoded.js';
import { readJson } from '../json-text.js';
import { ALARM_KINDS } from '../kinds.js';
import type { Reading } from '../reading.js';
import { isPseudonym } from '../topics.js';
import { isKnownKind, judgeValue } from './judge-value.js';
import { readingTime } from './reading-time.js';

/** A message may be this long, in bytes. */
export const CANONICAL_BYTES_MAX = 256 * 1_024;
/** An array may have this many elements; in those after them only alarms are read. */
export const ELEMENTS_MAX = 1_000;
/** Unknown kinds that are read in one element. Known kinds are always read. */
export const UNKNOWN_KINDS_MAX = 32;
/** Faults that are told of one message; the last of them says how many more there are. */
export const FAULTS_MAX = 20;

const ALARMS: ReadonlySet<string> = new Set(ALARM_KINDS);

/** One canonical message while it is being read. */
interface Work {
  home: string;
  device: string;
  receivedMs: number;
  options: DecodeOptions;
  readings: Reading[];
  faults: DecodeFault[];
  faultCount: number;
  /** Keys met so far, to be held against the keys written; NaN once something was not looked into. */
  keys: number;
}

/**
 * The canonical payload of `homes/<home>/devices/<device>/readings`: one object or an array of them.
 * Each value is judged alone, and nothing that is wrong with a message takes an alarm with it that can
 * be read. Never throws.
 */
export function decodeCanonical(
  origin: { home: string; device: string }, payload: Uint8Array, receivedMs: number, options: DecodeOptions,
): { readings: Reading[]; faults: DecodeFault[] } {
  const work: Work = { home: origin.home, device: origin.device, receivedMs, options, readings: [], faults: [], faultCount: 0, keys: 0 };
  if (payload.length > CANONICAL_BYTES_MAX) {
    fault(work, 'HW-DECODE-SIZE', `${payload.length} bytes are more than ${CANONICAL_BYTES_MAX}`);
    return work;
  }
  const json = readJson(payload);
  if ('reason' in json) {
    fault(work, 'HW-DECODE-JSON', json.reason);
    return work;
  }
  if (Array.isArray(json.value)) decodeArray(work, json.value);
  else decodeElement(work, json.value, '', false);
  if (work.keys < json.keys) fault(work, 'HW-DECODE-DUPLICATE', 'a key is there twice in one object; its last value was taken');
  return { readings: work.readings, faults: finished(work) };
}

function decodeArray(work: Work, elements: unknown[]): void {
  if (elements.length === 0) fault(work, 'HW-DECODE-SHAPE', 'an array without an element');
  if (elements.length > ELEMENTS_MAX) {
    fault(work, 'HW-DECODE-COUNT', `${elements.length} elements are more than ${ELEMENTS_MAX}; of those after them only alarms were read`);
  }
  for (let index = 0; index < elements.length; index++) {
    decodeElement(work, elements[index], `[${index}].`, index >= ELEMENTS_MAX);
  }
}

function decodeElement(work: Work, element: unknown, path: string, alarmsOnly: boolean): void {
  if (!isObject(element)) {
    work.keys = Number.NaN;
    fault(work, 'HW-DECODE-SHAPE', `${path === '' ? 'the message' : path.slice(0, -1)}: not an object`);
    return;
  }
  for (const key in element) {
    work.keys++;
    // Fields that are not ours are left alone; what is inside them was not counted.
    if (typeof element[key] === 'object' && element[key] !== null && key !== 'values') work.keys = Number.NaN;
  }
  const { values } = element;
  if (!isObject(values)) {
    work.keys = Number.NaN;
    fault(work, 'HW-DECODE-SHAPE', `${path}values: ${values === undefined ? 'missing' : 'not an object'}`);
    return;
  }
  const template = elementTemplate(work, element, path);
  decodeValues(work, values, template, path, alarmsOnly);
}

/** What all readings of one element share. */
function elementTemplate(work: Work, element: Record<string, unknown>, path: string): Omit<Reading, 'kind' | 'value'> {
  const { seq, resident, test } = element;
  const time = readingTime(element.ts, element.sent, work.receivedMs, work.options);
  for (const reason of time.faults) fault(work, 'HW-DECODE-TIME', `${path}${reason}`);
  const template: Omit<Reading, 'kind' | 'value'> = {
    home: work.home, device: work.device, atMs: time.atMs, receivedMs: work.receivedMs, clock: time.clock, test: test === true,
  };
  if (typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 0) template.seq = seq;
  else if (isGiven(seq)) fault(work, 'HW-DECODE-FIELD', `${path}seq: not a whole number from 0`);
  if (typeof resident === 'string' && isPseudonym(resident)) template.resident = resident;
  else if (isGiven(resident)) fault(work, 'HW-DECODE-FIELD', `${path}resident: not a pseudonym`);
  // Anything but `true` is no test: a mistake here must not keep an alarm from paging.
  if (isGiven(test) && typeof test !== 'boolean') fault(work, 'HW-DECODE-FIELD', `${path}test: neither true nor false`);
  return template;
}

function decodeValues(
  work: Work, values: Record<string, unknown>, template: Omit<Reading, 'kind' | 'value'>, path: string, alarmsOnly: boolean,
): void {
  let count = 0;
  let unknown = 0;
  for (const kind in values) {
    count++;
    work.keys++;
    const value = values[kind];
    if (typeof value === 'object' && value !== null) work.keys = Number.NaN;
    if (alarmsOnly && !ALARMS.has(kind)) continue;
    if (!isKnownKind(kind) && ++unknown > UNKNOWN_KINDS_MAX) continue;
    const judgement = judgeValue(kind, value);
    if (judgement.verdict === 'kept') work.readings.push({ ...template, kind, value: judgement.value });
    else if (judgement.verdict === 'fault') fault(work, judgement.code, `${path}values.${kind.slice(0, 64)}: ${judgement.reason}`);
  }
  if (count === 0) fault(work, 'HW-DECODE-SHAPE', `${path}values: without a value`);
  if (unknown > UNKNOWN_KINDS_MAX) {
    fault(work, 'HW-DECODE-COUNT', `${path}values: ${unknown} unknown kinds are more than ${UNKNOWN_KINDS_MAX}; the rest were left out`);
  }
}

function fault(work: Work, code: DecodeFaultCode, reason: string): void {
  work.faultCount++;
  if (work.faults.length < FAULTS_MAX) work.faults.push({ code, reason, home: work.home, device: work.device });
}

function finished(work: Work): DecodeFault[] {
  const last = work.faults.at(-1);
  const more = work.faultCount - work.faults.length;
  if (more > 0 && last !== undefined) last.reason += `; and ${more} more`;
  return work.faults;
}

function isGiven(field: unknown): boolean {
  return field !== undefined && field !== null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
