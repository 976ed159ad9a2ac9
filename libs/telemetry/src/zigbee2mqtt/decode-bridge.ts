import type { Announcement, Decoded } from '../decoded.js';
import type { DecoderMemory } from '../decoder-memory.js';
import { keepFault, type ForeignMessage } from '../foreign-message.js';
import { readJson } from '../json-text.js';
import { pseudonymOf } from '../pseudonym.js';
import { decodeStatus } from '../status/decode-status.js';
import { dialectOf, eventOfAction } from './actions.js';
import { bridgeMemory, deviceMemory, type BridgeMemory } from './bridge-memory.js';
import { partPseudonym } from './decode-device.js';
import { meaningOf, type Exposed } from './definition-meanings.js';
import type { Meaning, Scalar } from './meaning.js';

/** The bridge itself, among the home's hubs. */
export const BRIDGE_HUB = 'zigbee2mqtt';
const DEVICES_MAX = 300;
const EXPOSED_MAX = 400;
const MEANINGS_MAX = 64;
const NAME_CHARACTERS_MAX = 200;
/** No name that objects are born with. */
const PROPERTY = /^[A-Za-z][\w .-]{0,63}$/;

type Fields = Record<string, unknown>;

/** What the bridge says of itself and of its devices; of `bridge/…` the rest is the bridge's own business. */
export function decodeBridge(message: ForeignMessage, memory: DecoderMemory): Decoded {
  switch (message.path) {
    case 'bridge/state':
      return state(message, bridgeMemory(memory));
    case 'bridge/health':
      return health(message);
    case 'bridge/devices':
      return devices(message, bridgeMemory(memory));
    case 'bridge/event':
      return event(message, bridgeMemory(memory));
    default:
      return { readings: [], faults: [] };
  }
}

function state(message: ForeignMessage, bridge: BridgeMemory): Decoded {
  const decoded: Decoded = { readings: [], ...decodeStatus({ home: message.home, hub: BRIDGE_HUB }, message.payload) };
  if (decoded.status?.online === true) bridge.onlineMs = message.receivedMs;
  return decoded;
}

/** Sent every few minutes: the hub is there. */
function health(message: ForeignMessage): Decoded {
  const { value, decoded } = read(message);
  if (!isFields(value)) return decoded;
  const queued = isFields(value.mqtt) ? value.mqtt.queued : undefined;
  const waiting = typeof queued === 'number' && Number.isSafeInteger(queued) && queued >= 0 ? { queued } : {};
  return { ...decoded, status: { home: message.home, hub: BRIDGE_HUB, online: true, ...waiting } };
}

function event(message: ForeignMessage, bridge: BridgeMemory): Decoded {
  const { value, decoded } = read(message);
  if (!isFields(value) || value.type !== 'device_leave' || !isFields(value.data)) return decoded;
  const name = value.data.friendly_name;
  if (!isName(name)) return decoded;
  delete bridge.devices[`/${name}`];
  return { ...decoded, status: { home: message.home, device: pseudonymOf(name), online: false } };
}

/** The list of all devices, retained and sent again with every change. What is no longer listed is forgotten. */
function devices(message: ForeignMessage, bridge: BridgeMemory): Decoded {
  const { value, decoded } = read(message);
  if (value === undefined) return decoded;
  if (!Array.isArray(value)) {
    keepFault(decoded, { home: message.home, device: BRIDGE_HUB }, 'HW-DECODE-SHAPE', 'not a list of devices');
    return decoded;
  }
  if (value.length > DEVICES_MAX) keepFault(decoded, { home: message.home, device: BRIDGE_HUB }, 'HW-DECODE-COUNT', `of ${value.length} devices only ${DEVICES_MAX} are known`);
  const known = bridge.devices;
  bridge.devices = {};
  const announced: Announcement[] = [];
  for (const listed of value.slice(0, DEVICES_MAX) as unknown[]) {
    if (!isFields(listed) || !isName(listed.friendly_name) || listed.type === 'Coordinator') continue;
    const name = listed.friendly_name;
    const before = known[`/${name}`];
    if (before !== undefined) bridge.devices[`/${name}`] = before;
    announced.push(...learn(bridge, name, listed));
  }
  return { ...decoded, announced };
}

/** Keeps what the definition of a device says, and announces it and its parts if they measure something. */
function learn(bridge: BridgeMemory, name: string, listed: Fields): Announcement[] {
  const device = deviceMemory(bridge, name);
  const definition = isFields(listed.definition) ? listed.definition : {};
  const model = text(definition.model) ?? text(listed.model_id) ?? null;
  const words = `${model ?? ''} ${text(definition.description) ?? ''}`;
  const exposed = Array.isArray(definition.exposes) ? flattened(definition.exposes as unknown[]) : [];
  const properties = new Set(exposed.map(({ property }) => property));
  const meanings: Record<string, Meaning | null> = {};
  for (const one of exposed) {
    const meaning = meaningOf(one, words, properties);
    if (meaning !== undefined && Object.keys(meanings).length < MEANINGS_MAX) meanings[one.property] ??= meaning;
  }
  device.meanings = meanings;
  delete device.dialect;
  const dialect = dialectOf(words);
  if (dialect !== undefined) device.dialect = dialect;
  const kinds = kindsByPart(Object.values(meanings));
  const actions = exposed.filter(({ property }) => property === 'action').flatMap(({ values }) => values);
  const events = actions.map((action) => eventOfAction(action, dialect)).filter((event) => event !== undefined);
  if (events.length > 0) kinds.set('', [...(kinds.get('') ?? []), ...events]);
  return [...kinds].map(([part, some]) => ({ device: part === '' ? pseudonymOf(name) : partPseudonym(pseudonymOf(name), part), model, kinds: [...new Set(some)].toSorted() }));
}

function kindsByPart(meanings: (Meaning | null)[]): Map<string, string[]> {
  const kinds = new Map<string, string[]>();
  for (const listed of meanings) {
    for (let meaning = listed ?? undefined; meaning !== undefined; meaning = meaning.also) {
      kinds.set(meaning.part ?? '', [...(kinds.get(meaning.part ?? '') ?? []), meaning.kind]);
    }
  }
  return kinds;
}

/** The properties of a definition's `exposes`, those of a climate, switch or cover among them. Two levels deep, no further. */
function flattened(exposes: readonly unknown[]): Exposed[] {
  const found: Exposed[] = [];
  for (const entry of exposes) {
    if (!isFields(entry)) continue;
    const inner = Array.isArray(entry.features) && entry.type !== 'composite' && entry.property === undefined ? (entry.features as unknown[]) : [entry];
    for (const one of inner) {
      const exposed = isFields(one) ? exposedOf(one) : undefined;
      if (exposed !== undefined && found.length < EXPOSED_MAX) found.push(exposed);
    }
  }
  return found;
}

function exposedOf(one: Fields): Exposed | undefined {
  const { property } = one;
  if (typeof property !== 'string' || !PROPERTY.test(property)) return undefined;
  // Bit 1 of `access`: it is in the state that is published.
  if (typeof one.access === 'number' && (one.access & 1) === 0) return undefined;
  const exposed: Exposed = {
    property, name: text(one.name) ?? property, type: text(one.type) ?? '', description: text(one.description) ?? '',
    values: Array.isArray(one.values) ? (one.values as unknown[]).filter((value) => typeof value === 'string') : [],
  };
  const [endpoint, unit, category] = [text(one.endpoint), text(one.unit), text(one.category)];
  if (endpoint !== undefined) exposed.endpoint = endpoint;
  if (unit !== undefined) exposed.unit = unit;
  if (category !== undefined) exposed.category = category;
  if (isScalar(one.value_on)) exposed.on = one.value_on;
  if (isScalar(one.value_off)) exposed.off = one.value_off;
  return exposed;
}

function read(message: ForeignMessage): { value: unknown; decoded: Decoded } {
  const decoded: Decoded = { readings: [], faults: [] };
  const json = readJson(message.payload);
  if ('value' in json) return { value: json.value, decoded };
  keepFault(decoded, { home: message.home, device: BRIDGE_HUB }, 'HW-DECODE-JSON', json.reason);
  return { value: undefined, decoded };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= NAME_CHARACTERS_MAX;
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'boolean' || (typeof value === 'string' && value.length <= 40);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, NAME_CHARACTERS_MAX) : undefined;
}
