import type { Decoded } from '../decoded.js';
import type { DecoderMemory } from '../decoder-memory.js';
import { FOREIGN_BYTES_MAX, keepFault, keepValue, type ForeignMessage, type ReadingTemplate } from '../foreign-message.js';
import { readJson } from '../json-text.js';
import { isKind } from '../kinds.js';
import { keepState, remember } from '../last-states.js';
import { numberOf } from '../plain-value.js';
import { pseudonymOf } from '../pseudonym.js';
import { inUnitOf } from '../unit-conversion.js';
import type { Availability, DiscoveredEntity } from './discovered-entity.js';
import { discoveredOn, discoveryMemory } from './discovery-memory.js';
import { asText, parseTemplate } from './template.js';

/** What says that there is no value now. */
const NO_VALUE = new Set(['', 'unknown', 'unavailable', 'none', 'null', 'nan']);

interface Said {
  text: string;
  json: unknown;
}

/** A message on a topic of which a discovery message told; undefined for any other topic. */
export function decodeDiscovered(message: Omit<ForeignMessage, 'path'>, topic: string, memory: DecoderMemory): Decoded | undefined {
  if (!Object.hasOwn(memory, 'homeassistant')) return undefined;
  const entities = discoveredOn(memory, topic);
  const available = availableOn(memory, topic);
  if (entities.length === 0 && available.length === 0) return undefined;
  const decoded: Decoded = { readings: [], faults: [] };
  const { home, payload, receivedMs } = message;
  if (payload.length > FOREIGN_BYTES_MAX) {
    keepFault(decoded, { home }, 'HW-DECODE-SIZE', `${payload.length} bytes are more than ${FOREIGN_BYTES_MAX}`);
    return decoded;
  }
  const json = readJson(payload);
  const said = { text: Buffer.from(payload).toString('utf8').trim(), json: 'value' in json ? json.value : undefined };
  for (const { slot, entity } of entities) {
    const template: ReadingTemplate = { home, device: entity.device, atMs: receivedMs, receivedMs, clock: 'arrival', test: false };
    keepEntity(decoded, template, entity, `homeassistant/${slot}`, said, message.retain, memory);
  }
  keepAvailability(decoded, home, topic, available, said);
  return decoded;
}

function keepEntity(decoded: Decoded, template: ReadingTemplate, entity: DiscoveredEntity, slot: string, said: Said, retain: boolean, memory: DecoderMemory): void {
  const found = valueOf(entity.template, said);
  if ('reason' in found) {
    if (isKind(entity.kind)) keepFault(decoded, template, 'HW-DECODE-TEMPLATE', `${entity.kind}: ${found.reason}`);
    return;
  }
  const { value } = found;
  if (value === undefined || value === null) return;
  if (entity.form === 'press') keepPress(decoded, template, entity, value, retain);
  else if (NO_VALUE.has(asText(value).toLowerCase())) return;
  else if (entity.form === 'binary') keepBinary(decoded, template, entity, slot, value, retain, memory);
  else keepNumber(decoded, template, entity, value);
}

function keepBinary(
  decoded: Decoded, template: ReadingTemplate, entity: DiscoveredEntity, slot: string, value: unknown, retain: boolean, memory: DecoderMemory,
): void {
  const on = matches(value, entity.on ?? 'ON') ? true : matches(value, entity.off ?? 'OFF') ? false : undefined;
  if (on === undefined) {
    keepFault(decoded, template, 'HW-DECODE-TYPE', `${entity.kind}: ${JSON.stringify(asText(value).slice(0, 40))} is neither payload_on nor payload_off`);
    return;
  }
  const { states } = discoveryMemory(memory);
  if (entity.momentary === true && on) remember(states, slot, false, template.receivedMs); // It ended by itself.
  // One value of many in a message, or a retained one, is told again though nothing happened.
  const periodic = retain || entity.template !== undefined;
  keepState(decoded, template, entity.kind, on, { states, slot, periodic, ...(entity.expiresMs === undefined ? {} : { expiresMs: entity.expiresMs }) });
}

function keepNumber(decoded: Decoded, template: ReadingTemplate, { kind, unit }: DiscoveredEntity, value: unknown): void {
  const number = numberOf(value);
  if (number === undefined) {
    // Texts of unknown kinds are addresses and versions; they are not kept.
    if (isKind(kind)) keepValue(decoded, template, kind, value);
    return;
  }
  const converted = inUnitOf(kind, number, unit);
  if (converted === undefined) keepFault(decoded, template, 'HW-DECODE-UNIT', `${kind}: ${JSON.stringify(unit)} is no unit of it`);
  else keepValue(decoded, template, kind, converted);
}

/** An event, whose type is of no matter, or a trigger, whose payload is. A retained one comes again; no SOS is lost to that. */
function keepPress(decoded: Decoded, template: ReadingTemplate, { kind, payload, template: written }: DiscoveredEntity, value: unknown, retain: boolean): void {
  if (payload !== undefined && !matches(value, payload)) return;
  if (payload === undefined && written === undefined && !asText(value).includes('"event_type"')) return;
  if (!retain || kind === 'sos') keepValue(decoded, template, kind, true);
}

interface DeviceAvailability extends Availability {
  device: string;
}

function availableOn(memory: DecoderMemory, topic: string): DeviceAvailability[] {
  return Object.values(discoveryMemory(memory).entities).flatMap(({ device, available }) => available.filter((each) => each.topic === topic).map((each) => ({ ...each, device })));
}

/** A topic that several devices share is that of the bridge between them and us: a hub. */
function keepAvailability(decoded: Decoded, home: string, topic: string, available: readonly DeviceAvailability[], said: Said): void {
  const [first] = available;
  if (first === undefined) return;
  const found = valueOf(first.template, said);
  if ('reason' in found || found.value === undefined) return;
  const online = matches(found.value, first.on) ? true : matches(found.value, first.off) ? false : undefined;
  if (online === undefined) return;
  const isShared = available.some(({ device }) => device !== first.device);
  decoded.status = isShared ? { home, hub: pseudonymOf(topic), online } : { home, device: first.device, online };
}

function valueOf(template: string | undefined, { text, json }: Said): { value: unknown } | { reason: string } {
  if (template === undefined) return { value: text };
  try {
    return { value: parseTemplate(template)({ value: text, json }) };
  } catch (error) {
    return { reason: `value_template: ${error instanceof Error ? error.message : 'not understood'}` };
  }
}

/** Equal as texts, however large the letters, or as numbers: `True` is `true`, `1` is `1.0`. */
function matches(value: unknown, payload: string): boolean {
  const text = asText(value).trim();
  if (text.toLowerCase() === payload.trim().toLowerCase()) return true;
  const number = numberOf(text);
  return number !== undefined && number === numberOf(payload);
}
