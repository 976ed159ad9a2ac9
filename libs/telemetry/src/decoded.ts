import type { Reading } from './reading.js';

/** One message as the broker received it. */
export interface Message {
  topic: string;
  payload: Uint8Array;
  /** By the service's clock, ms since 1970 UTC. */
  receivedMs: number;
  /** Published as retained. */
  retain?: boolean;
}

/** Every code has its row in docs/errors.md. */
export type DecodeFaultCode =
  | 'HW-DECODE-TOPIC' | 'HW-DECODE-FAMILY' | 'HW-DECODE-SIZE' | 'HW-DECODE-JSON' | 'HW-DECODE-SHAPE'
  | 'HW-DECODE-TIME' | 'HW-DECODE-FIELD' | 'HW-DECODE-KIND' | 'HW-DECODE-TYPE' | 'HW-DECODE-RANGE'
  | 'HW-DECODE-COUNT' | 'HW-DECODE-DUPLICATE' | 'HW-DECODE-UNIT' | 'HW-DECODE-TEMPLATE';

/** What could not be read in a message, and why; `reason` names the place: `values.temperature: 451 is outside -40…85`. */
export interface DecodeFault {
  code: DecodeFaultCode;
  reason: string;
  home: string | null;
  device: string | null;
}

/** What a device or hub says of itself. */
export interface DeviceStatus {
  home: string;
  device?: string;
  hub?: string;
  online: boolean;
  /** Hubs: whether it runs on mains power. */
  mains?: boolean;
  /** Hubs: how many messages wait in it. */
  queued?: number;
  /** Hubs: how it reaches us, such as `cellular`. */
  link?: string;
}

/** A device of which a hub's bridge says that it is there; it waits for adoption until somebody registers it. */
export interface Announcement {
  device: string;
  /** The maker's name of it, as far as the bridge knows it. */
  model: string | null;
  /** Kinds that it will send. */
  kinds: string[];
}

/** All that a message says. A message can hold readings and faults at once: each value is judged alone. */
export interface Decoded {
  readings: Reading[];
  status?: DeviceStatus;
  /** Devices that the message announces. */
  announced?: Announcement[];
  /** Broadcasts of devices that are not registered in this home and may be a neighbour's: nothing of them is kept. */
  unheard?: number;
  faults: DecodeFault[];
}

export interface DecodeOptions {
  /** False for replays and the demo: `ts` is taken as it stands, however far from the arrival. */
  checkClock: boolean;
  /** A `ts` older than this cannot be right, ms. */
  retentionMs: number;
  /**
   * Whether a device was registered in a home at a time, ms since 1970 UTC. Asked for what a gateway merely
   * overhears (Bluetooth); without it everything heard is taken for registered.
   */
  isRegistered?: (home: string, device: string, atMs: number) => boolean;
}
