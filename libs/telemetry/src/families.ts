import { decodeEsphome } from './esphome/decode-esphome.js';
import type { FamilyDecoder } from './foreign-message.js';
import { decodeHomeAssistant } from './homeassistant/decode-homeassistant.js';
import { decodeSenml } from './senml/decode-senml.js';
import { decodeShelly } from './shelly/decode-shelly.js';
import { decodeTasmota } from './tasmota/decode-tasmota.js';
import { decodeTheengs } from './theengs/decode-theengs.js';
import type { ForeignFamily } from './topics.js';
import { decodeZigbee2mqtt } from './zigbee2mqtt/decode-zigbee2mqtt.js';

/** One row a family of devices. */
export const FAMILIES: Record<ForeignFamily, FamilyDecoder> = {
  esphome: decodeEsphome,
  homeassistant: decodeHomeAssistant,
  senml: decodeSenml,
  shellies: decodeShelly,
  shelly: decodeShelly,
  tasmota: decodeTasmota,
  theengs: decodeTheengs,
  zigbee2mqtt: decodeZigbee2mqtt,
};
