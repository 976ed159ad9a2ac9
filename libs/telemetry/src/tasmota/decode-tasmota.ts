import { readingTime } from '../canonical/reading-time.js';
import type { Decoded, DecodeOptions } from '../decoded.js';
import { familyPart, type DecoderMemory } from '../decoder-memory.js';
import { FOREIGN_BYTES_MAX, keepFault, keepValue, type ForeignMessage, type ReadingTemplate } from '../foreign-message.js';
import { readJson } from '../json-text.js';
import { keepState, type LastStates } from '../last-states.js';
import { binaryKindOf, isSosName, unknownKindOf } from '../named-kind.js';
import { isObject, textOf, truthOf } from '../plain-value.js';
import { pseudonymOf } from '../pseudonym.js';
import { parseTimestamp } from '../timestamp.js';
import { isPlainSwitch, keepSensors } from './keep-sensors.js';

const VERSION = 1;
/** What Tasmota says of itself, or repeats of commands: nothing that happened in the home. */
const ABOUT_ITSELF = /^(?:INFO\d|UPTIME|HASS_STATE|STATUS\d*|LOGGING|MARGINS|WAKEUP|POWER\d*|SENSORS|OTA|UPGRADE)$/;

export interface TasmotaWork {
  decoded: Decoded;
  template: ReadingTemplate;
  states: LastStates;
  /** The device's topic as it stands, for the names of its parts. */
  name: string;
}

/**
 * Tasmota with `FullTopic homes/<home>/tasmota/%prefix%/%topic%/` (the other order is read too): sensors and
 * switches from `SENSOR`, switches and buttons from `RESULT`, signal from `STATE`, `LWT` as status.
 */
export function decodeTasmota(message: ForeignMessage, options: DecodeOptions, memory: DecoderMemory): Decoded {
  const decoded: Decoded = { readings: [], faults: [] };
  const { home, path, payload, receivedMs } = message;
  const address = addressOf(path);
  if (address === undefined) {
    if (!path.startsWith('discovery/')) keepFault(decoded, { home }, 'HW-DECODE-TOPIC', `${path.slice(0, 100)}: not <prefix>/<topic>/<name> of Tasmota`);
    return decoded;
  }
  const { prefix, name, leaf } = address;
  const device = pseudonymOf(name);
  if (prefix === 'cmnd' || payload.length === 0) return decoded;
  if (leaf === 'LWT') {
    keepLastWill(decoded, home, device, payload);
    return decoded;
  }
  if (ABOUT_ITSELF.test(leaf) && !/^STATUS(?:8|10)$/.test(leaf)) return decoded;
  const body = bodyOf(decoded, { home, device }, payload);
  if (body === undefined) return decoded;
  const template: ReadingTemplate = { home, device, receivedMs, test: false, ...timeOf(body, receivedMs, options) };
  const { states } = familyPart(memory, 'tasmota', VERSION, () => ({ states: {} as LastStates }));
  keepBody({ decoded, template, states, name }, leaf, body, message.retain);
  return decoded;
}

function keepBody(work: TasmotaWork, leaf: string, body: Record<string, unknown>, retain: boolean): void {
  const { decoded, template } = work;
  if (leaf === 'SENSOR') keepSensors(work, body);
  else if (leaf === 'STATUS8' || leaf === 'STATUS10') keepSensors(work, isObject(body.StatusSNS) ? body.StatusSNS : {});
  else if (leaf === 'STATE') keepValue(decoded, template, 'signal', isObject(body.Wifi) ? body.Wifi.Signal : undefined, 'Wifi.Signal');
  else if (leaf === 'RESULT') keepActions(work, body, retain);
  else if (/^(?:SWITCH|BUTTON)\d+$/.test(leaf)) keepActions(work, { [leaf]: body }, retain);
  else keepFault(decoded, template, 'HW-DECODE-TOPIC', `${leaf.slice(0, 60)}: not read of Tasmota`);
}

/** `{"Switch1":{"Action":"ON"}}`, `{"Button1":{"Action":"SINGLE"}}`; answers to commands have other shapes and say nothing. */
function keepActions({ decoded, template, states, name }: TasmotaWork, body: Record<string, unknown>, retain: boolean): void {
  for (const [label, part] of Object.entries(body).slice(0, 64)) {
    const action = isObject(part) ? (part.Action ?? part.ACTION) : undefined;
    if (typeof action !== 'string') continue;
    if (/^button\d*$/i.test(label)) {
      if (action === 'CLEAR') continue;
      // A retained press comes again after a reconnect. Nobody's SOS is taken for that: a duplicate beats a miss.
      if (isSosName(name)) keepValue(decoded, template, 'sos', true);
      else if (!retain) keepValue(decoded, template, 'button', true);
      continue;
    }
    const kind = binaryKindOf(label)?.kind ?? (isPlainSwitch(label) && isSosName(name) ? 'sos' : unknownKindOf(label));
    const on = truthOf(action) ?? (kind === 'sos' && action !== 'CLEAR' ? true : undefined);
    if (kind !== undefined && on !== undefined) keepState(decoded, template, kind, on, { states, slot: `${name}/${label}`, periodic: false });
  }
}

function addressOf(path: string): { prefix: string; name: string; leaf: string } | undefined {
  const levels = path.split('/');
  const leaf = levels.pop() ?? '';
  const isPrefix = (level: string | undefined): level is string => level === 'tele' || level === 'stat' || level === 'cmnd';
  const [first] = levels;
  if (isPrefix(first) && levels.length > 1) return { prefix: first, name: levels.slice(1).join('/'), leaf };
  const last = levels.pop();
  return isPrefix(last) && levels.length > 0 ? { prefix: last, name: levels.join('/'), leaf } : undefined;
}

function keepLastWill(decoded: Decoded, home: string, device: string, payload: Uint8Array): void {
  const word = textOf(payload);
  if (word === 'Online' || word === 'Offline') decoded.status = { home, device, online: word === 'Online' };
  else keepFault(decoded, { home, device }, 'HW-DECODE-SHAPE', 'LWT: neither Online nor Offline');
}

function bodyOf(decoded: Decoded, origin: { home: string; device: string }, payload: Uint8Array): Record<string, unknown> | undefined {
  if (payload.length > FOREIGN_BYTES_MAX) {
    keepFault(decoded, origin, 'HW-DECODE-SIZE', `${payload.length} bytes are more than ${FOREIGN_BYTES_MAX}`);
    return undefined;
  }
  const json = readJson(payload);
  if ('reason' in json) keepFault(decoded, origin, 'HW-DECODE-JSON', json.reason);
  else if (isObject(json.value)) return json.value;
  else keepFault(decoded, origin, 'HW-DECODE-SHAPE', 'not an object');
  return undefined;
}

/**
 * `Time` counts if it says its zone (`SetOption52 1`), or as seconds or milliseconds (`Time 3`), as `Epoch` does
 * (`Time 2`). A local time without a zone does not: the device's zone is its own setting, often left at another
 * country's, and an hour's error would move a night into a day. Tasmota keeps nothing for later, so the arrival is right.
 */
function timeOf({ Time: time, Epoch: epoch }: Record<string, unknown>, receivedMs: number, options: DecodeOptions): Pick<ReadingTemplate, 'atMs' | 'clock'> {
  const arrival = { atMs: receivedMs, clock: 'arrival' } as const;
  const number = typeof epoch === 'number' ? epoch : time;
  let told: unknown;
  if (typeof number === 'number') told = number < 100_000_000_000 ? number * 1_000 : number;
  else if (typeof time === 'string' && parseTimestamp(time) !== undefined) told = time;
  if (told === undefined) return arrival;
  const { atMs, clock } = readingTime(told, undefined, receivedMs, options);
  return { atMs, clock };
}
