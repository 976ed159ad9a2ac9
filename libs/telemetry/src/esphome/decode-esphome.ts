import type { Decoded, DecodeOptions } from '../decoded.js';
import { familyPart, type DecoderMemory } from '../decoder-memory.js';
import { keepFault, keepValue, type ForeignMessage, type ReadingTemplate } from '../foreign-message.js';
import { discoveredOn } from '../homeassistant/discovery-memory.js';
import type { DiscoveredEntity } from '../homeassistant/discovered-entity.js';
import { KINDS, isKind } from '../kinds.js';
import { keepState, type LastStates } from '../last-states.js';
import { binaryKindOf, isSosName, numericKindOf, unknownKindOf, type NamedKind } from '../named-kind.js';
import { numberOf, textOf, truthOf } from '../plain-value.js';
import { pseudonymOf } from '../pseudonym.js';
import { inUnitOf } from '../unit-conversion.js';

const VERSION = 1;
/** Components that act or show; they sense nothing. */
const NOT_SENSORS = new Set([
  'switch', 'light', 'fan', 'cover', 'climate', 'number', 'select', 'button', 'lock', 'text', 'date', 'time', 'datetime', 'valve', 'media_player', 'alarm_control_panel', 'update', 'camera', 'water_heater',
]);

/** One component's message, while it is read. */
interface Component {
  prefix: string;
  id: string;
  text: string;
  retain: boolean;
  states: LastStates;
  /** What its discovery message told, if it sent one. */
  hint: DiscoveredEntity | undefined;
}

/**
 * ESPHome with `topic_prefix: homes/<home>/esphome/<device>`: `<device>/<component type>/<object id>/state`, plain text, and
 * `<device>/status`. The kind is told by the device class of the component's discovery message, else by its object id.
 */
export function decodeEsphome(message: ForeignMessage, _options: DecodeOptions, memory: DecoderMemory): Decoded {
  const decoded: Decoded = { readings: [], faults: [] };
  const { home, path, receivedMs, payload } = message;
  const levels = path.split('/');
  const leaf = levels.pop();
  if (leaf === 'status' && levels.length > 0) {
    keepStatus(decoded, home, pseudonymOf(levels.join('/')), payload);
    return decoded;
  }
  const [id, type] = [levels.pop(), levels.pop()];
  if (leaf === 'debug' || leaf === 'command' || (type !== undefined && NOT_SENSORS.has(type)) || payload.length === 0) return decoded;
  const prefix = levels.join('/');
  if (leaf !== 'state' || id === undefined || type === undefined || prefix === '') {
    keepFault(decoded, { home }, 'HW-DECODE-TOPIC', `${path.slice(0, 100)}: not <device>/<component type>/<object id>/state of ESPHome`);
    return decoded;
  }
  const template: ReadingTemplate = { home, device: pseudonymOf(prefix), atMs: receivedMs, receivedMs, clock: 'arrival', test: false };
  const text = textOf(payload);
  if (text === undefined) {
    keepFault(decoded, template, 'HW-DECODE-SIZE', `${payload.length} bytes are more than a plain value has`);
    return decoded;
  }
  const { states } = familyPart(memory, 'esphome', VERSION, () => ({ states: {} as LastStates }));
  const hint = discoveredOn(memory, `esphome/${path}`)[0]?.entity;
  keepComponent(decoded, template, type, { prefix, id: id.slice(0, 200), text, retain: message.retain, states, hint });
  return decoded;
}

function keepComponent(decoded: Decoded, template: ReadingTemplate, type: string, component: Component): void {
  if (type === 'binary_sensor') keepBinary(decoded, template, component);
  else if (type === 'sensor') keepNumber(decoded, template, component);
  else if (type === 'text_sensor') keepText(decoded, template, component);
  else if (type === 'event') keepPress(decoded, template, component);
  else keepFault(decoded, template, 'HW-DECODE-TOPIC', `${type.slice(0, 40)}: not read of ESPHome`);
}

/** A component whose id says which one it is (`smoke_kitchen`) is a device of its own, so that two of a kind never mix. */
function originOf(template: ReadingTemplate, { prefix, id }: Component, named: NamedKind | undefined): ReadingTemplate {
  return named === undefined || named.plain ? template : { ...template, device: pseudonymOf(`${prefix}-${id}`) };
}

function keepBinary(decoded: Decoded, template: ReadingTemplate, component: Component): void {
  const { id, hint, text, prefix, states } = component;
  const on = truthOf(text);
  const named = binaryKindOf(id, prefix) ?? hinted(hint);
  const kind = hinted(hint)?.kind ?? named?.kind ?? unknownKindOf(id);
  if (kind === undefined || text === '' || text === 'nan') return;
  const origin = originOf(template, component, named);
  if (on === undefined) keepFault(decoded, origin, 'HW-DECODE-TYPE', `${id.slice(0, 60)}: ${JSON.stringify(text.slice(0, 40))} is neither ON nor OFF`);
  // Sent when it changes, and once more with every connection: an SOS told again counts, any other event does not.
  else keepState(decoded, origin, kind, on, { states, slot: `${prefix}/${id}`, periodic: false });
}

function keepNumber(decoded: Decoded, template: ReadingTemplate, component: Component): void {
  const { id, hint, text, prefix } = component;
  if (text === '' || text.toLowerCase() === 'nan') return; // It has no value now.
  const named = numericKindOf(id, prefix) ?? hinted(hint);
  const kind = hinted(hint)?.kind ?? named?.kind ?? unknownKindOf(id);
  if (kind === undefined) return;
  const origin = originOf(template, component, named);
  const number = numberOf(text);
  const converted = number === undefined ? text : inUnitOf(kind, number, hint?.unit);
  if (converted === undefined) keepFault(decoded, origin, 'HW-DECODE-UNIT', `${id.slice(0, 60)}: ${JSON.stringify(hint?.unit)} is no unit of ${kind}`);
  else if (number === undefined && !isKind(kind)) keepFault(decoded, origin, 'HW-DECODE-TYPE', `${id.slice(0, 60)}: ${JSON.stringify(text.slice(0, 40))} is not a number`);
  else keepValue(decoded, origin, kind, converted, id);
}

/** Only a choice is kept: other texts are the names of networks and addresses. */
function keepText(decoded: Decoded, template: ReadingTemplate, { id, text }: Component): void {
  const kind = id.toLowerCase();
  if (isKind(kind) && KINDS[kind].type === 'choice') keepValue(decoded, template, kind, text, id);
}

/** `{"event_type":"press"}` of a button. A retained one comes again after a reconnect; no SOS is lost to that. */
function keepPress(decoded: Decoded, template: ReadingTemplate, { id, prefix, text, retain }: Component): void {
  if (!text.includes('event_type')) return;
  const kind = isSosName(id) || isSosName(prefix) ? 'sos' : 'button';
  if (!retain || kind === 'sos') keepValue(decoded, template, kind, true, id);
}

function hinted(hint: DiscoveredEntity | undefined): NamedKind | undefined {
  return hint !== undefined && isKind(hint.kind) ? { kind: hint.kind, plain: false } : undefined;
}

function keepStatus(decoded: Decoded, home: string, device: string, payload: Uint8Array): void {
  const word = textOf(payload);
  if (word === 'online' || word === 'offline') decoded.status = { home, device, online: word === 'online' };
  else if (word !== '') keepFault(decoded, { home, device }, 'HW-DECODE-SHAPE', 'status: neither online nor offline');
}
