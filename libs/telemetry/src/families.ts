import type { FamilyDecoder } from './foreign-message.js';
import { decodeSenml } from './senml/decode-senml.js';
import { decodeShelly } from './shelly/decode-shelly.js';
import { decodeTasmota } from './tasmota/decode-tasmota.js';
import type { ForeignFamily } from './topics.js';
import { decodeZigbee2mqtt } from './zigbee2mqtt/decode-zigbee2mqtt.js';

/** One row a family of devices; a family without one is kept in quarantine until it has. */
export const FAMILIES: Partial<Record<ForeignFamily, FamilyDecoder>> = {
  senml: decodeSenml,
  shellies: decodeShelly,
  shelly: decodeShelly,
  tasmota: decodeTasmota,
  zigbee2mqtt: decodeZigbee2mqtt,
};
