import { ELEMENTS_MAX, UNKNOWN_KINDS_MAX } from '../canonical/decode-canonical.js';
import { readingTime } from '../canonical/reading-time.js';
import type { Decoded, DecodeOptions } from '../decoded.js';
import { FOREIGN_BYTES_MAX, keepFault, keepValue, type ForeignMessage, type ReadingTemplate } from '../foreign-message.js';
import { readJson } from '../json-text.js';
import { ALARM_KINDS, KINDS, isKind } from '../kinds.js';
import { binaryKindOf, numericKindOf, unknownKindOf } from '../named-kind.js';
import { isObject } from '../plain-value.js';
import { isPseudonym } from '../topics.js';
import { inUnitOf } from '../unit-conversion.js';

/** The version of the format that we read; RFC 8428, section 4.4. */
const VERSION_MAX = 10;
/** Times below this many seconds are relative to now; section 4.5.3. */
const RELATIVE_BELOW_S = 2 ** 28;
/** Kinds of records that carry a unit and no name of their own. */
const KIND_OF_UNIT: Record<string, string> = { cel: 'temperature', '%rh': 'humidity', '%el': 'battery', lx: 'illuminance', w: 'power', 'beat/min': 'heart_rate', lat: 'latitude', lon: 'longitude' };
const ALARMS: ReadonlySet<string> = new Set(ALARM_KINDS);

/** Base values in force, which a record changes for itself and those after it. */
interface Base {
  name: string;
  time: number;
  unit: string | undefined;
  value: number | undefined;
}

interface Pack {
  message: ForeignMessage;
  device: string;
  options: DecodeOptions;
  decoded: Decoded;
  unknown: number;
}

/**
 * A SenML pack in JSON (RFC 8428) on `homes/<home>/senml/<device>`: records are resolved against their base
 * fields, the last part of a name is the kind, units become ours. Each record is judged alone.
 */
export function decodeSenml(message: ForeignMessage, options: DecodeOptions): Decoded {
  const decoded: Decoded = { readings: [], faults: [] };
  const { home, path: device, payload } = message;
  if (!isPseudonym(device)) {
    keepFault(decoded, { home }, 'HW-DECODE-TOPIC', 'senml/<device>: the device is no pseudonym');
    return decoded;
  }
  const origin = { home, device };
  if (payload.length > FOREIGN_BYTES_MAX) {
    keepFault(decoded, origin, 'HW-DECODE-SIZE', `${payload.length} bytes are more than ${FOREIGN_BYTES_MAX}`);
    return decoded;
  }
  const json = readJson(payload);
  if ('reason' in json) keepFault(decoded, origin, 'HW-DECODE-JSON', json.reason);
  else if (!Array.isArray(json.value) || json.value.length === 0) keepFault(decoded, origin, 'HW-DECODE-SHAPE', 'not an array of records');
  else decodeRecords({ message, device, options, decoded, unknown: 0 }, json.value);
  return decoded;
}

function decodeRecords(pack: Pack, records: unknown[]): void {
  const origin = { home: pack.message.home, device: pack.device };
  if (records.length > ELEMENTS_MAX) {
    keepFault(pack.decoded, origin, 'HW-DECODE-COUNT', `${records.length} records are more than ${ELEMENTS_MAX}; of those after them only alarms were read`);
  }
  const base: Base = { name: '', time: 0, unit: undefined, value: undefined };
  for (const [index, record] of records.entries()) {
    const fault = isObject(record) ? rebase(base, record) : 'not an object';
    // A base that cannot be read spoils only times or names of what follows, and those are judged by themselves.
    if (fault !== undefined) keepFault(pack.decoded, origin, 'HW-DECODE-FIELD', `[${index}]${fault}`);
    if (isObject(record)) decodeRecord(pack, record, base, index);
  }
  if (pack.unknown > UNKNOWN_KINDS_MAX) {
    keepFault(pack.decoded, origin, 'HW-DECODE-COUNT', `${pack.unknown} unknown kinds are more than ${UNKNOWN_KINDS_MAX}; the rest were left out`);
  }
}

/** Takes over the base fields of a record; what is wrong with one of them is returned and leaves the one before in force. */
function rebase(base: Base, { bn, bt, bu, bv, bver }: Record<string, unknown>): string | undefined {
  if (typeof bn === 'string') base.name = bn.slice(0, 1_000);
  if (typeof bt === 'number') base.time = bt;
  if (typeof bu === 'string') base.unit = bu;
  if (typeof bv === 'number') base.value = bv;
  if (isGiven(bn) && typeof bn !== 'string') return '.bn: not a text';
  if (isGiven(bt) && typeof bt !== 'number') return '.bt: not a number';
  if (isGiven(bu) && typeof bu !== 'string') return '.bu: not a text';
  if (isGiven(bv) && typeof bv !== 'number') return '.bv: not a number';
  if (isGiven(bver) && !(typeof bver === 'number' && bver <= VERSION_MAX)) return `.bver: newer than ${VERSION_MAX}`;
  return undefined;
}

function decodeRecord(pack: Pack, record: Record<string, unknown>, base: Base, index: number): void {
  const { decoded, message, device } = pack;
  const origin = { home: message.home, device };
  const unclear = Object.keys(record).find((field) => field.endsWith('_'));
  if (unclear !== undefined) { // Section 4.4: a field that ends so must be understood, or the record left.
    keepFault(decoded, origin, 'HW-DECODE-FIELD', `[${index}].${unclear.slice(0, 40)}: must be understood and is not`);
    return;
  }
  const hasValue = ['v', 'vb', 'vs', 'vd'].some((field) => isGiven(record[field]));
  if (!hasValue && base.value === undefined) return; // Base fields alone, or a sum, which no kind takes.
  if (!hasValue && !isGiven(record.n) && Object.keys(record).some((field) => field.startsWith('b'))) return;

  const unit = typeof record.u === 'string' ? record.u : base.unit;
  const name = base.name + (typeof record.n === 'string' ? record.n.slice(0, 1_000) : '');
  const kind = kindOf(name, unit, record);
  if (kind === undefined) {
    keepFault(decoded, origin, 'HW-DECODE-KIND', `[${index}].n: ${JSON.stringify(name.slice(-40))} names no kind`);
    return;
  }
  if (index >= ELEMENTS_MAX && !ALARMS.has(kind)) return;
  if (!isKind(kind) && ++pack.unknown > UNKNOWN_KINDS_MAX) return;
  const value = valueOf(record, kind, base.value);
  const converted = typeof value === 'number' ? inUnitOf(kind, value, unit) : value;
  if (converted === undefined) {
    keepFault(decoded, origin, 'HW-DECODE-UNIT', `[${index}].u: ${JSON.stringify(unit?.slice(0, 20))} is no unit of ${kind}`);
    return;
  }
  keepValue(decoded, templateOf(pack, record, base, index), kind, converted, `[${index}].${kind}`);
}

function templateOf({ message, device, options, decoded }: Pack, { t }: Record<string, unknown>, base: Base, index: number): ReadingTemplate {
  const seconds = base.time + (typeof t === 'number' ? t : 0);
  const { home, receivedMs } = message;
  if (isGiven(t) && typeof t !== 'number') keepFault(decoded, { home, device }, 'HW-DECODE-TIME', `[${index}].t: not a number`);
  const shared = { home, device, receivedMs, test: false };
  if (seconds < RELATIVE_BELOW_S) { // So long before (or after) now; never further ahead than a clock may be.
    const relativeMs = Math.round(Math.min(0, seconds) * 1_000);
    const plausible = !options.checkClock || -relativeMs <= options.retentionMs;
    return { ...shared, atMs: plausible ? Math.max(0, receivedMs + relativeMs) : receivedMs, clock: plausible ? 'arrival' : 'wrong' };
  }
  const time = readingTime(seconds * 1_000, undefined, receivedMs, options);
  for (const reason of time.faults) keepFault(decoded, { home, device }, 'HW-DECODE-TIME', `[${index}].${reason}`);
  return { ...shared, atMs: time.atMs, clock: time.clock };
}

/** The last part of the name, as a kind; a name that ends with the device is told by its unit. */
function kindOf(name: string, unit: string | undefined, record: Record<string, unknown>): string | undefined {
  const last = name.split(/[/:]/).findLast((part) => part !== '') ?? '';
  const binary = typeof record.vb === 'boolean';
  const known = isKind(last) ? last : (binary ? binaryKindOf(last) : numericKindOf(last))?.kind;
  if (known !== undefined) return known;
  const isDevice = !isGiven(record.n) || last === '';
  const byUnit = unit === undefined ? undefined : KIND_OF_UNIT[unit.toLowerCase()];
  return isDevice && byUnit !== undefined ? byUnit : unknownKindOf(last);
}

function valueOf(record: Record<string, unknown>, kind: string, baseValue: number | undefined): unknown {
  if (isGiven(record.vb)) return record.vb;
  if (isGiven(record.vs)) return record.vs;
  if (isGiven(record.vd)) return { data: true }; // No kind takes data: judged as an object, never looked into.
  if (isGiven(record.v) && typeof record.v !== 'number') return record.v;
  const value = (typeof record.v === 'number' ? record.v : 0) + (baseValue ?? 0);
  const type = isKind(kind) ? KINDS[kind].type : undefined;
  // Devices that know no booleans send a state as 1 or 0.
  return (type === 'event' || type === 'state') && (value === 0 || value === 1) ? value === 1 : value;
}

function isGiven(field: unknown): boolean {
  return field !== undefined && field !== null;
}
