import type { Decoded, DecodeOptions } from '../decoded.js';
import { familyPart, type DecoderMemory } from '../decoder-memory.js';
import { FOREIGN_BYTES_MAX, keepFault, type ForeignMessage, type ReadingTemplate } from '../foreign-message.js';
import { readJson } from '../json-text.js';
import type { LastStates } from '../last-states.js';
import { isObject, textOf } from '../plain-value.js';
import { pseudonymOf } from '../pseudonym.js';
import { keepComponent } from './keep-component.js';
import { keepFirstGeneration } from './keep-first-generation.js';
import { keepFrame } from './keep-frame.js';

const VERSION = 1;
/** What devices of both generations publish that happened nowhere but in themselves. */
const ABOUT_ITSELF = /^(?:info|announce|rpc|command|settings|debug\/.*|events\/ble.*|status\/(?:sys|wifi|cloud|ws|mqtt|ble|eth|ui|schedule|script:\d+)|.*\/command|.*\/set|relay\/\d+|.*overtemperature.*|.*\/energy|.*returned_energy|temperature(?:_[cf]|_status)?|voltage|input_event\/\d+\/.*)$/;

export interface ShellyWork {
  decoded: Decoded;
  template: ReadingTemplate;
  states: LastStates;
  /** The device's own prefix. */
  name: string;
  options: DecodeOptions;
  retain: boolean;
}

/**
 * Shelly, both generations, below `homes/<home>/shelly/<device>/` or, with a mounted login,
 * `homes/<home>/shellies/<device>/`: `status/<component>` and `events/rpc` of Gen2 and later, the plain topics of Gen1.
 */
export function decodeShelly(message: ForeignMessage, options: DecodeOptions, memory: DecoderMemory): Decoded {
  const decoded: Decoded = { readings: [], faults: [] };
  const { home, payload, receivedMs } = message;
  const path = message.path.startsWith('shellies/') ? message.path.slice('shellies/'.length) : message.path;
  const split = splitPath(path);
  if (split === undefined) {
    if (path === 'announce') keepAnnounced(decoded, payload);
    else if (path !== 'command') keepFault(decoded, { home }, 'HW-DECODE-TOPIC', `${path.slice(0, 100)}: no topic of a Shelly`);
    return decoded;
  }
  const { name, leaf } = split;
  const device = pseudonymOf(name);
  if (leaf === 'announce') keepAnnounced(decoded, payload);
  if (leaf === 'online') keepOnline(decoded, home, device, payload);
  if (leaf === 'online' || ABOUT_ITSELF.test(leaf) || payload.length === 0) return decoded;
  if (payload.length > FOREIGN_BYTES_MAX) {
    keepFault(decoded, { home, device }, 'HW-DECODE-SIZE', `${payload.length} bytes are more than ${FOREIGN_BYTES_MAX}`);
    return decoded;
  }
  const template: ReadingTemplate = { home, device, atMs: receivedMs, receivedMs, clock: 'arrival', test: false };
  const { states } = familyPart(memory, 'shelly', VERSION, () => ({ states: {} as LastStates }));
  keepLeaf({ decoded, template, states, name, options, retain: message.retain }, leaf, payload);
  return decoded;
}

function keepLeaf(work: ShellyWork, leaf: string, payload: Uint8Array): void {
  if (leaf !== 'events/rpc' && !leaf.startsWith('status/')) {
    keepFirstGeneration(work, leaf, payload);
    return;
  }
  const json = readJson(payload);
  if ('reason' in json) keepFault(work.decoded, work.template, 'HW-DECODE-JSON', json.reason);
  else if (!isObject(json.value)) keepFault(work.decoded, work.template, 'HW-DECODE-SHAPE', 'not an object');
  else if (leaf === 'events/rpc') keepFrame(work, json.value);
  else keepComponent(work, leaf.slice('status/'.length), json.value);
}

/** The device is what stands before the first level that a Shelly's firmware writes. */
function splitPath(path: string): { name: string; leaf: string } | undefined {
  const match = /^(.+?)\/((?:status|events|online|sensor|relay|input|input_event|longpush|info|announce|command|rpc|debug|settings|emeter|meter|light|color|white|roller|temperature|temperature_f|temperature_status|overtemperature|voltage|ext_\w+|adc)(?:\/.*)?)$/.exec(path.slice(0, 300));
  return match === null ? undefined : { name: match[1]!, leaf: match[2]! };
}

function keepOnline(decoded: Decoded, home: string, device: string, payload: Uint8Array): void {
  const word = textOf(payload);
  if (word === 'true' || word === 'false') decoded.status = { home, device, online: word === 'true' };
  else if (word !== '') keepFault(decoded, { home, device }, 'HW-DECODE-SHAPE', 'online: neither true nor false');
}

/** `{"id":"shellyflood-F2AD2E","model":"SHWT-1",…}`: a Gen1 device says that it is there. */
function keepAnnounced(decoded: Decoded, payload: Uint8Array): void {
  const json = payload.length > FOREIGN_BYTES_MAX ? { reason: '' } : readJson(payload);
  if (!('value' in json) || !isObject(json.value) || typeof json.value.id !== 'string') return;
  const { id, model } = json.value;
  decoded.announced = [{ device: pseudonymOf(id.slice(0, 200)), model: typeof model === 'string' ? model.slice(0, 64) : null, kinds: kindsOfModel(model) }];
}

/** What sells as what, of the models that are of use here. */
function kindsOfModel(model: unknown): string[] {
  const kinds: Record<string, string[]> = {
    'SHWT-1': ['water_leak', 'temperature', 'battery'], 'SHSM-01': ['smoke', 'temperature', 'battery'], 'SHGS-1': ['gas'], 'SHHT-1': ['temperature', 'humidity', 'battery'],
    'SHDW-1': ['open', 'vibration', 'illuminance', 'battery'], 'SHDW-2': ['open', 'vibration', 'illuminance', 'temperature', 'battery'], 'SHMOS-01': ['motion', 'vibration', 'illuminance', 'battery'],
    'SHMOS-02': ['motion', 'vibration', 'illuminance', 'temperature', 'battery'], 'SHBTN-1': ['button', 'battery'], 'SHBTN-2': ['button', 'battery'], 'SHPLG-S': ['power'], 'SHPLG-1': ['power'], 'SHPLG2-1': ['power'],
  };
  return typeof model === 'string' && Object.hasOwn(kinds, model) ? kinds[model]! : [];
}
