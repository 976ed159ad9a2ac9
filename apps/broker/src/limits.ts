const KIB = 1024;
const MIB = 1024 * KIB;

/** Everything that a device can make the broker hold. Bytes unless the name says else. */
export const LIMITS = {
  /** Of a payload; see docs/mqtt.md. */
  payload: 256 * KIB,
  /** Of a payload below `homes/<home>/zigbee2mqtt/bridge/`. */
  bridgePayload: 1 * MIB,
  topic: 1 * KIB,
  /** Of a whole packet before its sender has logged in. */
  connectPacket: 16 * KIB,
  /** Of a whole packet that is no publish, such as a subscribe. */
  otherPacket: 64 * KIB,
  clientIdLength: 256,
  subscriptionsPerConnection: 50,
  /** A login's oldest connection makes room for one more than these. */
  connectionsPerLogin: 64,
  /** Open files left to the rest of the process: connections never take the last one. */
  filesReserved: 1_000,
  /** Not yet durable, of one connection: beyond it the broker stops reading from it. */
  inFlightPerConnection: 512 * KIB,
  packetsInFlightPerConnection: 2_000,
  /** Not yet durable, of all: beyond it the broker stops reading from everybody. */
  inFlight: 64 * MIB,
  /** Of packets that have begun and not ended, of all; beyond it whoever adds to it is closed. */
  partial: 128 * MIB,
  /** What a connection may always have begun. */
  partialPerConnection: 64 * KIB,
  /** Messages to one connection that it has not yet taken; more are dropped. */
  undelivered: 100,
  /** Kept alive at least this often, whatever the client asks for: else a dead one stays for ever. */
  keepAliveSeconds: 20 * 60,
} as const;

const BRIDGE = /^homes\/[^/]+\/zigbee2mqtt\/bridge\//;

export function payloadMax(topic: string): number {
  return BRIDGE.test(topic) ? LIMITS.bridgePayload : LIMITS.payload;
}
