import { familyPart, type DecoderMemory } from '../decoder-memory.js';
import type { ActionDialect } from './actions.js';
import type { Meaning } from './meaning.js';

/** Raise it when what is kept changes its form: older memories are then forgotten, and told again by the bridge. */
const VERSION = 1;
const DEVICES_MAX = 300;

/** What is remembered of one Zigbee2MQTT bridge. */
export interface BridgeMemory {
  /** By `/` and the friendly name: no name so is one that objects are born with. */
  devices: Record<string, DeviceMemory>;
  /** When the bridge last came online: it then sends every device's cached state. */
  onlineMs?: number;
}

export interface DeviceMemory {
  /** From its definition; null: not what the name suggests. Missing until the bridge has listed the device. */
  meanings?: Record<string, Meaning | null>;
  dialect?: ActionDialect;
  /** Properties that began an event when they turned true, and whether they are true. */
  onsets: Record<string, boolean>;
  /** When its last message arrived. */
  heardMs?: number;
  /** Of the last message: what it measured beside the onsets, and when the device was last seen, as a short sum and as it was told. */
  sum?: number;
  seenMs?: number;
  /** When `sos` last counted as a press. */
  sosMs?: number;
  /** Of the last message with an action: its bytes. */
  actionSum?: number;
}

export function bridgeMemory(memory: DecoderMemory): BridgeMemory {
  return familyPart<BridgeMemory>(memory, 'zigbee2mqtt', VERSION, () => ({ devices: {} }));
}

/** The memory of a device, begun if there is none; of more than 300 devices the first known are forgotten. */
export function deviceMemory(bridge: BridgeMemory, name: string): DeviceMemory {
  const key = `/${name}`;
  const known = bridge.devices[key];
  if (known !== undefined) return known;
  const names = Object.keys(bridge.devices);
  if (names.length >= DEVICES_MAX) delete bridge.devices[names[0]!];
  const begun: DeviceMemory = { onsets: {} };
  bridge.devices[key] = begun;
  return begun;
}

export function knowsDevice(bridge: BridgeMemory, name: string): boolean {
  return bridge.devices[`/${name}`]?.meanings !== undefined;
}
