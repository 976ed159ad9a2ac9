import type { ForeignMessage } from '../foreign-message.js';

/** What was last heard of each registered device: its last packets' numbers, or what it said without one. */
export type Heard = Record<string, { packets: number[]; said: string; atMs: number }>;

/** A device is registered to be heard, so these are few. */
const DEVICES_MAX = 500;
/** Numbers remembered of a device: two gateways in one home hear the same packets, one a little later than the other. */
const PACKETS_MAX = 4;
/** The same number after so long is another packet: the device has counted round, or got a new battery. */
const PACKET_REMEMBERED_MS = 3_600_000;
/** A device without numbers that says the same is heard again after this. */
const SAME_HEARD_EVERY_MS = 60_000;
const NOTHING = { packets: [], said: '', atMs: 0 };
/** What differs from hearing to hearing of one packet. */
const OF_THE_GATEWAY = new Set(['rssi', 'distance', 'time', 'gateway', 'ts', 'servicedata', 'manufacturerdata', 'mac', 'id']);

/** True for a broadcast that was heard before: the same packet arrives many times, and through every gateway in reach. */
export function isRepeated(heard: Heard, device: string, body: Record<string, unknown>, { receivedMs, retain }: ForeignMessage): boolean {
  const slot = `m/${device}`; // Never digits alone: slots keep their order.
  const before = Object.hasOwn(heard, slot) ? heard[slot]! : NOTHING;
  const sinceMs = receivedMs - before.atMs;
  const { packet } = body;
  if (typeof packet === 'number') {
    if (before.packets.includes(packet) && (retain || sinceMs < PACKET_REMEMBERED_MS)) return true;
    const packets = [...before.packets.filter((each) => each !== packet), packet].slice(-PACKETS_MAX);
    remember(heard, slot, { packets, said: '', atMs: receivedMs });
    return false;
  }
  const said = JSON.stringify(Object.entries(body).filter(([field]) => !OF_THE_GATEWAY.has(field)).toSorted(([a], [b]) => (a < b ? -1 : 1))).slice(0, 500);
  if (said === before.said && (retain || sinceMs < SAME_HEARD_EVERY_MS)) return true;
  remember(heard, slot, { packets: before.packets, said, atMs: receivedMs });
  return false;
}

function remember(heard: Heard, slot: string, what: Heard[string]): void {
  if (!Object.hasOwn(heard, slot)) {
    const slots = Object.keys(heard);
    for (const oldest of slots.slice(0, Math.max(0, slots.length - DEVICES_MAX + 1))) delete heard[oldest];
  }
  heard[slot] = what;
}
