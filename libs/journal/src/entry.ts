/** One message as it came from a device, or one that brokers are to publish, and where it stands in its log. */
export interface JournalEntry {
  /** Rises by one from entry to entry, from 1; only a loss that was logged leaves a gap. */
  position: number;
  /** When the service got it, ms since 1970 UTC. */
  receivedMs: number;
  topic: string;
  /** The bytes as they came. Entries that were read together share one buffer: copy what is kept for long. */
  payload: Uint8Array;
  /** Who sent it: a login's user name, at most 255 bytes; empty if the service did. */
  login: string;
  qos: 0 | 1 | 2;
  dup: boolean;
  retain: boolean;
  /** The connection's number, never used again by a later one; 0 if there was none. Below 2^48. */
  connection: number;
  /** The MQTT packet identifier; 0 at QoS 0. */
  packetId: number;
}

export type NewEntry = Omit<JournalEntry, 'position'>;

export type LogName = 'up' | 'down';
