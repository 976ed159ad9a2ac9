import type { DecodeOptions, Decoded } from '../decoded.js';
import type { DecoderMemory } from '../decoder-memory.js';
import { FOREIGN_BYTES_MAX, keepFault, type ForeignMessage } from '../foreign-message.js';
import { pseudonymOf } from '../pseudonym.js';
import { decodeStatus } from '../status/decode-status.js';
import { bridgeMemory, knowsDevice } from './bridge-memory.js';
import { BRIDGE_HUB, decodeBridge } from './decode-bridge.js';
import { decodeDevice } from './decode-device.js';

const BRIDGE_BYTES_MAX = 1_024 * 1_024;
const AVAILABILITY = '/availability';
/** What others ask of a device. */
const REQUEST = /\/(?:set|get)(?:\/|$)/;

/**
 * Messages below `homes/<home>/zigbee2mqtt/`, the base topic of a Zigbee2MQTT:
 * `bridge/…`, `<friendly_name>/availability`, and `<friendly_name>` (which may have slashes) with the device's state. Never throws.
 */
export function decodeZigbee2mqtt(message: ForeignMessage, options: DecodeOptions, memory: DecoderMemory): Decoded {
  const { path, payload, home } = message;
  const nothing: Decoded = { readings: [], faults: [] };
  if (payload.length === 0) return nothing; // A retained message being removed.
  const isBridge = path.startsWith('bridge/');
  const bytesMax = isBridge ? BRIDGE_BYTES_MAX : FOREIGN_BYTES_MAX;
  if (payload.length > bytesMax) {
    keepFault(nothing, { home, device: isBridge ? BRIDGE_HUB : pseudonymOf(path) }, 'HW-DECODE-SIZE', `${payload.length} bytes are more than ${bytesMax}`);
    return nothing;
  }
  if (isBridge) return decodeBridge(message, memory);
  if (!knowsDevice(bridgeMemory(memory), path)) {
    if (path.endsWith(AVAILABILITY)) {
      return { readings: [], ...decodeStatus({ home, device: pseudonymOf(path.slice(0, -AVAILABILITY.length)) }, payload) };
    }
    if (REQUEST.test(path)) return nothing;
  }
  return decodeDevice(message, path, options, memory);
}
