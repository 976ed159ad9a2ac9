import type { Announcement, Decoded, DecodeOptions } from '../decoded.js';
import type { DecoderMemory } from '../decoder-memory.js';
import { FOREIGN_BYTES_MAX, keepFault, type ForeignMessage } from '../foreign-message.js';
import { readJson } from '../json-text.js';
import { isObject } from '../plain-value.js';
import { pseudonymOf } from '../pseudonym.js';
import { withLongNames } from './abbreviations.js';
import { discoveredEntity, type DiscoveredEntity, type DiscoveryAddress } from './discovered-entity.js';
import { decodeDiscovered } from './decode-discovered.js';
import { discoveryMemory, type DiscoveryMemory } from './discovery-memory.js';
import { parseTemplate } from './template.js';

const ENTITIES_MAX = 500;
const COMPONENTS_MAX = 60;
const KINDS_TOLD_MAX = 64;
/** Topics that are read by themselves; what discovery says of them is not needed. */
const READ_BY_THEMSELVES = new Set(['zigbee2mqtt', 'tasmota', 'shelly', 'shellies', 'theengs', 'senml', 'devices', 'hubs', 'panels']);

/**
 * Below `homes/<home>/homeassistant/`: discovery messages, which tell what the topics of a device of any make mean. They are
 * remembered, and the messages on those topics are read by them, wherever in the home they stand.
 */
export function decodeHomeAssistant(message: ForeignMessage, _options: DecodeOptions, memory: DecoderMemory): Decoded {
  const decoded: Decoded = { readings: [], faults: [] };
  const { home, path } = message;
  const config = /^([a-z_]{1,40})\/(?:([^/]{1,100})\/)?([^/]{1,100})\/config$/.exec(path);
  if (config === null) {
    const told = decodeDiscovered(message, `homeassistant/${path}`, memory);
    if (told !== undefined) return told;
    if (path !== 'status') keepFault(decoded, { home }, 'HW-DECODE-TOPIC', `${path.slice(0, 100)}: no discovery message has told what this topic means`);
    return decoded;
  }
  const part = discoveryMemory(memory);
  const address: DiscoveryAddress = { home, component: config[1]!, node: config[2], object: config[3]! };
  for (const slot of Object.keys(part.entities)) if (slot === path || slot.startsWith(`${path}#`)) delete part.entities[slot];
  if (message.payload.length === 0) return decoded; // The device was taken away.
  const body = bodyOf(decoded, message);
  if (body !== undefined) learn(decoded, part, address, path, body);
  return decoded;
}

function bodyOf(decoded: Decoded, { home, payload }: ForeignMessage): Record<string, unknown> | undefined {
  if (payload.length > FOREIGN_BYTES_MAX) {
    keepFault(decoded, { home }, 'HW-DECODE-SIZE', `${payload.length} bytes are more than ${FOREIGN_BYTES_MAX}`);
    return undefined;
  }
  const json = readJson(payload);
  if ('reason' in json) keepFault(decoded, { home }, 'HW-DECODE-JSON', json.reason);
  else if (isObject(json.value)) return json.value;
  else keepFault(decoded, { home }, 'HW-DECODE-SHAPE', 'not an object');
  return undefined;
}

/** One message tells of one sensor, or, with `components`, of all that a device has. */
function learn(decoded: Decoded, part: DiscoveryMemory, address: DiscoveryAddress, path: string, body: Record<string, unknown>): void {
  const { components, ...shared } = withLongNames(body);
  const device = isObject(shared.device) ? withLongNames(shared.device, true) : {};
  const model = typeof device.model === 'string' ? device.model.slice(0, 64) : null;
  const announced = new Map<string, Announcement>();
  const learnOne = (slot: string, one: DiscoveryAddress, config: Record<string, unknown>): void => {
    const entity = learnEntity(decoded, part, slot, one, config);
    if (entity !== undefined && !entity.topic.startsWith('esphome/')) announced.set(entity.device, { device: entity.device, model, kinds: kindsOf(part, entity.device) });
  };
  if (address.component !== 'device' || !isObject(components)) {
    learnOne(path, address, shared);
  } else {
    for (const [id, component] of Object.entries(components).slice(0, COMPONENTS_MAX)) {
      if (!isObject(component)) continue;
      const own = withLongNames(component);
      if (typeof own.platform === 'string') learnOne(`${path}#${id.slice(0, 100)}`, { ...address, node: address.object, component: own.platform, object: id.slice(0, 100) }, { ...shared, ...own });
    }
  }
  if (announced.size > 0) decoded.announced = [...announced.values()];
}

function learnEntity(decoded: Decoded, part: DiscoveryMemory, slot: string, address: DiscoveryAddress, config: Record<string, unknown>): DiscoveredEntity | undefined {
  const origin = { home: address.home };
  const found = discoveredEntity(address, config);
  if (found === undefined) return undefined;
  if ('reason' in found) {
    keepFault(decoded, origin, 'HW-DECODE-FIELD', `${slot.slice(0, 80)}: ${found.reason}`);
    return undefined;
  }
  if (READ_BY_THEMSELVES.has(found.topic.split('/')[0]!)) return undefined;
  if (Object.keys(part.entities).length >= ENTITIES_MAX) {
    keepFault(decoded, origin, 'HW-DECODE-COUNT', `a home may have ${ENTITIES_MAX} discovered sensors; this one was left out`);
    return undefined;
  }
  const entity = { ...found, device: ownDevice(part, found, address.object) };
  part.entities[slot] = entity;
  for (const template of [entity.template, ...entity.available.map((each) => each.template)]) {
    const reason = template === undefined ? undefined : reasonOf(template);
    if (reason !== undefined) keepFault(decoded, { ...origin, device: entity.device }, 'HW-DECODE-TEMPLATE', `${slot.slice(0, 80)}: ${reason}`);
  }
  return entity;
}

/** Two sensors of a kind are two devices: the second carries its own id. */
function ownDevice({ entities }: DiscoveryMemory, { device, kind }: DiscoveredEntity, object: string): string {
  const name = pseudonymOf(device);
  const isTaken = kind !== 'button' && Object.values(entities).some((other) => other.device === name && other.kind === kind);
  return isTaken ? pseudonymOf(`${device}-${object}`) : name;
}

function kindsOf({ entities }: DiscoveryMemory, device: string): string[] {
  return [...new Set(Object.values(entities).filter((entity) => entity.device === device).map(({ kind }) => kind))].slice(0, KINDS_TOLD_MAX);
}

function reasonOf(template: string): string | undefined {
  try {
    parseTemplate(template);
    return undefined;
  } catch (error) {
    return `value_template: ${error instanceof Error ? error.message : 'not understood'}`;
  }
}
