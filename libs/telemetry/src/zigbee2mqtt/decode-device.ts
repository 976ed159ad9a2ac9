import { readingTime } from '../canonical/reading-time.js';
import type { DecodeOptions, Decoded } from '../decoded.js';
import { keepFault, keepValue, type ForeignMessage, type ReadingTemplate } from '../foreign-message.js';
import { readJson } from '../json-text.js';
import { ALARM_KINDS } from '../kinds.js';
import { pseudonymOf } from '../pseudonym.js';
import { eventOfAction } from './actions.js';
import { bridgeMemory, deviceMemory, type BridgeMemory, type DeviceMemory } from './bridge-memory.js';
import { scaled, truthOf, type Meaning } from './meaning.js';
import { plainMeaning } from './plain-meanings.js';
import type { DecoderMemory } from '../decoder-memory.js';

/** For so long after it came online a bridge may be sending cached states. */
const CACHED_MAX_MS = 30_000;
/** One press is told several times within this, by radios that repeat themselves. */
const PRESSES_APART_MIN_MS = 3_000;
/** Says nothing of what a device measured. */
const BESIDE = new Set(['linkquality', 'last_seen', 'elapsed', 'action', 'update', 'update_available']);
const TESTING = ['test', 'self_test', 'test_in_progress', 'self_checking'] as const;
const ALARMS: ReadonlySet<string> = new Set(ALARM_KINDS);

/** One message of a device while it is being read. */
interface Work {
  message: ForeignMessage;
  bridge: BridgeMemory;
  device: DeviceMemory;
  decoded: Decoded;
  template: ReadingTemplate;
  values: Record<string, unknown>;
  /** The device's first message since the bridge came online just now: it repeats what it knew before. */
  cached: boolean;
  /** Nothing that the device measured differs from its last message. */
  same: boolean;
  /** The device was heard later than at its last message, as far as the bridge says. */
  heardAgain: boolean | undefined;
}

/** What a device says in `<friendly_name>`: the whole of its state, whichever part of it is new. */
export function decodeDevice(message: ForeignMessage, name: string, options: DecodeOptions, memory: DecoderMemory): Decoded {
  const decoded: Decoded = { readings: [], faults: [] };
  const origin = { home: message.home, device: pseudonymOf(name) };
  const json = readJson(message.payload);
  if ('reason' in json) {
    keepFault(decoded, origin, 'HW-DECODE-JSON', json.reason);
    return decoded;
  }
  if (typeof json.value !== 'object' || json.value === null || Array.isArray(json.value)) {
    keepFault(decoded, origin, 'HW-DECODE-SHAPE', 'not an object; Zigbee2MQTT sends one with `advanced.output: json`');
    return decoded;
  }
  const work = begin(message, name, json.value as Record<string, unknown>, options, decoded, memory);
  keepLevelsAndNumbers(work);
  keepOnsets(work);
  keepAction(work);
  remember(work);
  return decoded;
}

function begin(
  message: ForeignMessage, name: string, values: Record<string, unknown>, options: DecodeOptions, decoded: Decoded, memory: DecoderMemory,
): Work {
  const bridge = bridgeMemory(memory);
  const device = deviceMemory(bridge, name);
  const { atMs, clock, faults } = readingTime(values.last_seen, undefined, message.receivedMs, options);
  const template: ReadingTemplate = {
    home: message.home, device: pseudonymOf(name), atMs, receivedMs: message.receivedMs, clock, test: TESTING.some((field) => values[field] === true),
  };
  for (const reason of faults) keepFault(decoded, template, 'HW-DECODE-TIME', `last_seen${reason.slice('ts'.length)}`);
  const onlineMs = bridge.onlineMs ?? -Infinity;
  const isFirst = device.heardMs !== undefined && device.heardMs < onlineMs;
  return {
    message, bridge, device, decoded, template, values,
    cached: isFirst && message.receivedMs <= onlineMs + CACHED_MAX_MS,
    same: device.sum === sumOf(values, device),
    heardAgain: clock === 'device' ? device.seenMs === undefined || atMs > device.seenMs : undefined,
  };
}

/** What a property means on this device: by its definition, else by its name. */
function meaningFor({ meanings }: DeviceMemory, property: string): Meaning | undefined {
  if (meanings !== undefined && Object.hasOwn(meanings, property)) return meanings[property] ?? undefined;
  return plainMeaning(property);
}

interface Best { rank: number; property: string; template: ReadingTemplate; kind: string; value: unknown }

/** Levels and numbers: one reading a kind and part, from the property that speaks most plainly. */
function keepLevelsAndNumbers(work: Work): void {
  const best = new Map<string, Best>();
  for (const property of Object.keys(work.values)) {
    for (let meaning = meaningFor(work.device, property); meaning !== undefined; meaning = meaning.also) {
      const value = valueOf(meaning, work.values[property]);
      if (value === undefined) continue;
      const template = templateOf(work.template, meaning.part);
      const key = `${template.device}/${meaning.kind}`;
      const rank = meaning.rank ?? 0;
      const before = best.get(key);
      if (before === undefined || rank < before.rank) best.set(key, { rank, property, template, kind: meaning.kind, value });
      else if (rank === before.rank && value === true) before.value = true;
    }
  }
  for (const { template, kind, value, property } of best.values()) keepValue(work.decoded, template, kind, value, property);
}

/** A level's truth or a number in the kind's unit; what is neither is handed on, to be judged. */
function valueOf(meaning: Meaning, value: unknown): unknown {
  if (value === null || meaning.as === 'onset') return undefined;
  if (meaning.as === 'number') {
    if (meaning.kind === 'respiratory_rate' && value === 0) return undefined; // Nobody there who breathes.
    return typeof value === 'number' ? scaled(meaning, value) : value;
  }
  const truth = truthOf(meaning, value);
  if (truth !== undefined) return truth;
  // A word of an enumeration that says neither, such as `unknown` or `detecting`, says nothing.
  return typeof value === 'string' && typeof meaning.yes?.[0] === 'string' ? undefined : value;
}

/**
 * Events that are told by a property that turns true. The bridge repeats a device's whole state with
 * every change, so `true` once more is none.
 */
function keepOnsets(work: Work): void {
  const { device, decoded } = work;
  for (const property of Object.keys(work.values)) {
    const meaning = meaningFor(device, property);
    if (meaning?.as !== 'onset') continue;
    const value = work.values[property];
    const truth = truthOf(meaning, value);
    if (truth === undefined) {
      if (typeof value === 'number' || (typeof value === 'string' && typeof meaning.yes?.[0] !== 'string')) keepValue(decoded, work.template, meaning.kind, value, property);
      continue;
    }
    const before = device.onsets[property];
    if (truth && (before === true ? isAgain(work, property) : isNew(work, meaning.kind))) {
      keepValue(decoded, templateOf(work.template, meaning.part), meaning.kind, true, property);
      if (meaning.kind === 'sos') device.sosMs = work.template.atMs;
    }
    device.onsets[property] = truth;
  }
}

/** True for the first time, or after it was false. A bridge that comes online tells what was; an alarm is believed all the same. */
function isNew({ cached }: Work, kind: string): boolean {
  return !cached || ALARMS.has(kind);
}

/**
 * True once more without having been false between: the cache repeats itself, and so does a bridge that heard the
 * device say anything at all. Only a press of `sos`, which some pendants never take back, counts again if nothing
 * else is new: better one press too many than one too few.
 */
function isAgain({ same, heardAgain, cached, message, device, template }: Work, property: string): boolean {
  if (property !== 'sos' || !same || heardAgain === false) return false;
  if (template.atMs - (device.sosMs ?? 0) < PRESSES_APART_MIN_MS) return false;
  return heardAgain === true || !(cached || message.retain);
}

/** An action is told once; only where it was published as retained does it come again, when the bridge reconnects. */
function keepAction(work: Work): void {
  const { device, message, values } = work;
  const properties = Object.keys(values).filter((property) => property === 'action' || /^action_[ls]?\d{1,2}$/.test(property));
  for (const property of properties) {
    const action = values[property];
    if (typeof action !== 'string' || action === '') continue;
    const sum = sumOfText(Buffer.from(message.payload).toString('latin1'));
    const isRepeat = device.actionSum === sum && message.retain && (work.cached || work.heardAgain === false);
    const kind = eventOfAction(action, device.dialect);
    if (kind !== undefined && !isRepeat && !work.decoded.readings.some((reading) => reading.kind === kind)) keepValue(work.decoded, work.template, kind, true, property);
    device.actionSum = sum;
  }
}

function remember({ device, values, template, cached, message }: Work): void {
  device.heardMs = message.receivedMs;
  device.sum = sumOf(values, device);
  if (template.clock === 'device' && !(cached && device.seenMs !== undefined && device.seenMs > template.atMs)) device.seenMs = template.atMs;
}

/** A part of a device is a device of its own: two sockets of one plug are not one socket. */
export function templateOf(template: ReadingTemplate, part: string | undefined): ReadingTemplate {
  return part === undefined ? template : { ...template, device: partPseudonym(template.device, part) };
}

export function partPseudonym(device: string, part: string): string {
  return pseudonymOf(`${device}_${part}`);
}

/** A sum over what was measured beside the onsets. */
function sumOf(values: Record<string, unknown>, device: DeviceMemory): number {
  const measured = Object.keys(values).filter((property) => !BESIDE.has(property) && meaningFor(device, property)?.as !== 'onset').sort();
  return sumOfText(JSON.stringify(measured.map((property) => [property, shallow(values[property])])));
}

function shallow(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? '…' : value;
}

/** FNV-1a, 32 bits. */
function sumOfText(text: string): number {
  let sum = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
  return sum >>> 0;
}
