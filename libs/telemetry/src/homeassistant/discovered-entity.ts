import { binaryKindOf, isSosName, numericKindOf, unknownKindOf } from '../named-kind.js';
import { isObject } from '../plain-value.js';
import { withBase, withLongNames } from './abbreviations.js';
import { asText } from './template.js';

/** A topic that tells whether a device can be reached, and what it says then. */
export interface Availability {
  topic: string;
  on: string;
  off: string;
  template?: string;
}

/** What a discovery message said of one sensor: as much as is needed to read its messages. Part of the memory. */
export interface DiscoveredEntity {
  device: string;
  /** How its messages are read. */
  form: 'binary' | 'number' | 'press';
  kind: string;
  /** Below the home. */
  topic: string;
  template?: string;
  unit?: string;
  on?: string;
  off?: string;
  /** For triggers: the payload that is this one. */
  payload?: string;
  expiresMs?: number;
  /** Says only when it begins; it ends by itself. */
  momentary?: boolean;
  available: Availability[];
}

/** Where a discovery message came from. */
export interface DiscoveryAddress {
  home: string;
  component: string;
  node: string | undefined;
  object: string;
}

const TEXT_MAX = 300;
const AVAILABILITIES_MAX = 4;

const BINARY_CLASSES: Record<string, string> = {
  motion: 'motion', occupancy: 'presence', presence: 'presence', door: 'open', window: 'open', garage_door: 'open', opening: 'open', smoke: 'smoke', carbon_monoxide: 'carbon_monoxide',
  gas: 'gas', moisture: 'water_leak', heat: 'heat', tamper: 'tamper', vibration: 'vibration', battery: 'battery_low', connectivity: 'connected', problem: 'problem', power: 'powered', plug: 'plugged',
  safety: 'unsafe', sound: 'sound', light: 'light', lock: 'unlocked', running: 'running', cold: 'cold', moving: 'moving', update: 'update',
};
const SENSOR_CLASSES: Record<string, string> = {
  temperature: 'temperature', humidity: 'humidity', battery: 'battery', illuminance: 'illuminance', power: 'power', carbon_monoxide: 'carbon_monoxide_ppm', weight: 'weight',
  signal_strength: 'signal', blood_glucose_concentration: 'blood_glucose',
};
/** Of what is said of the device itself, these are of use. */
const DIAGNOSTIC_KINDS = new Set(['battery', 'battery_low', 'signal', 'link_quality', 'tamper']);

/** What the message says of a sensor; nothing for what does not sense (a switch, a lamp); or why it cannot be read. */
export function discoveredEntity(address: DiscoveryAddress, config: Record<string, unknown>): DiscoveredEntity | { reason: string } | undefined {
  const fields = withLongNames(config);
  const form = formOf(address.component, fields);
  if (form === undefined) return undefined;
  const base = fields['~'];
  const written = form === 'press' && address.component === 'device_automation' ? fields.topic : fields.state_topic;
  if (typeof written !== 'string') return { reason: 'state_topic: missing' };
  const topic = topicOf(withBase(written, base), address.home);
  if ('reason' in topic) return topic;

  const { kind, skip } = kindOf(form, address, fields);
  if (kind === undefined || skip) return undefined;
  const entity: DiscoveredEntity = { device: deviceOf(address, fields), form, kind, topic: topic.topic, available: availabilityOf(fields, base, address.home) };
  const template = fields.value_template ?? fields.state_template;
  if (typeof template === 'string') entity.template = template.slice(0, 2 * TEXT_MAX);
  if (typeof fields.unit_of_measurement === 'string') entity.unit = fields.unit_of_measurement.slice(0, 20);
  if (isGiven(fields.payload_on)) entity.on = asText(fields.payload_on).slice(0, TEXT_MAX);
  if (isGiven(fields.payload_off)) entity.off = asText(fields.payload_off).slice(0, TEXT_MAX);
  if (form === 'press' && isGiven(fields.payload)) entity.payload = asText(fields.payload).slice(0, TEXT_MAX);
  if (typeof fields.expire_after === 'number' && fields.expire_after > 0) entity.expiresMs = fields.expire_after * 1_000;
  if (isGiven(fields.off_delay)) entity.momentary = true;
  return entity;
}

function formOf(component: string, fields: Record<string, unknown>): DiscoveredEntity['form'] | undefined {
  if (component === 'binary_sensor') return 'binary';
  if (component === 'sensor') return 'number';
  if (component === 'event') return 'press';
  return component === 'device_automation' && fields.automation_type === 'trigger' ? 'press' : undefined;
}

/** A topic below the home; written from the root of the broker, or, for a mounted login, as if the home were the root. */
function topicOf(written: string, home: string): { topic: string } | { reason: string } {
  const own = `homes/${home}/`;
  const topic = written.startsWith(own) ? written.slice(own.length) : written;
  if (topic === '' || topic.length > TEXT_MAX || /[+#]/.test(topic)) return { reason: 'a topic that is none' };
  return topic.startsWith('homes/') ? { reason: 'a topic of another home' } : { topic };
}

function kindOf(form: DiscoveredEntity['form'], { object }: DiscoveryAddress, fields: Record<string, unknown>): { kind: string | undefined; skip: boolean } {
  const deviceClass = typeof fields.device_class === 'string' ? fields.device_class : '';
  const name = typeof fields.name === 'string' ? fields.name : '';
  const objectId = typeof fields.object_id === 'string' ? fields.object_id : object;
  const known = form === 'press' ? pressKind(objectId, name) : form === 'binary' ? binaryKind(deviceClass, objectId, name) : numericKind(deviceClass, objectId, name);
  // What is not understood is kept under its class or id, never under its name, in which people write anything.
  const kind = known ?? unknownKindOf(deviceClass === '' ? objectId : deviceClass);
  const isDiagnostic = isGiven(fields.entity_category) && !DIAGNOSTIC_KINDS.has(kind ?? '');
  const isOff = fields.enabled_by_default === false && known === undefined;
  return { kind, skip: isDiagnostic || isOff };
}

function pressKind(objectId: string, name: string): string {
  return isSosName(objectId) || isSosName(name) ? 'sos' : 'button';
}

function binaryKind(deviceClass: string, objectId: string, name: string): string | undefined {
  const named = binaryKindOf(objectId)?.kind ?? (name === '' ? undefined : binaryKindOf(name)?.kind);
  if (!Object.hasOwn(BINARY_CLASSES, deviceClass)) return named;
  const kind = BINARY_CLASSES[deviceClass]!;
  if (kind === 'presence' && (named === 'bed_occupied' || named === 'chair_occupied')) return named;
  // Wet soil and rain have the class of a leak.
  if (kind === 'water_leak' && /soil|plant|rain|garden|outdoor/i.test(`${objectId} ${name}`)) return 'moist';
  if (kind === 'unsafe' && named !== undefined) return named;
  return kind;
}

function numericKind(deviceClass: string, objectId: string, name: string): string | undefined {
  if (deviceClass === '') return numericKindOf(objectId)?.kind ?? (name === '' ? undefined : numericKindOf(name)?.kind);
  if (!Object.hasOwn(SENSOR_CLASSES, deviceClass)) return undefined;
  const kind = SENSOR_CLASSES[deviceClass]!;
  if (kind !== 'temperature' && kind !== 'humidity') return kind;
  // Which temperature it is stands in the name: the room's, somebody's, or the fridge's, which is none of ours.
  return numericKindOf(`${kind} ${objectId} ${name}`)?.kind;
}

/** Its device, by the first identifier that the message gives; what people call it is not looked at. */
function deviceOf({ node, object }: DiscoveryAddress, fields: Record<string, unknown>): string {
  const device = isObject(fields.device) ? withLongNames(fields.device, true) : {};
  const [identifier] = Array.isArray(device.identifiers) ? (device.identifiers as unknown[]) : [device.identifiers];
  if (typeof identifier === 'string' && identifier !== '') return identifier.slice(0, TEXT_MAX);
  const [connection] = Array.isArray(device.connections) ? (device.connections as unknown[]) : [];
  if (Array.isArray(connection) && typeof connection[1] === 'string') return connection[1].slice(0, TEXT_MAX);
  return node ?? object;
}

function availabilityOf(fields: Record<string, unknown>, base: unknown, home: string): Availability[] {
  const listed = Array.isArray(fields.availability) ? (fields.availability as unknown[]) : isObject(fields.availability) ? [fields.availability] : [];
  const single = typeof fields.availability_topic === 'string' ? [{ ...fields, topic: fields.availability_topic, value_template: fields.availability_template }] : [];
  return [...listed, ...single].slice(0, AVAILABILITIES_MAX).flatMap((entry): Availability[] => {
    const each = isObject(entry) ? withLongNames(entry) : {};
    if (typeof each.topic !== 'string') return [];
    const topic = topicOf(withBase(each.topic, base), home);
    if ('reason' in topic) return [];
    return [{
      topic: topic.topic,
      on: isGiven(each.payload_available) ? asText(each.payload_available).slice(0, TEXT_MAX) : 'online',
      off: isGiven(each.payload_not_available) ? asText(each.payload_not_available).slice(0, TEXT_MAX) : 'offline',
      ...(typeof each.value_template === 'string' ? { template: each.value_template.slice(0, 2 * TEXT_MAX) } : {}),
    }];
  });
}

function isGiven(field: unknown): boolean {
  return field !== undefined && field !== null;
}
