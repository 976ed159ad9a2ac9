import { Readable } from 'node:stream';
import type { Client } from 'aedes';
import type { Session, Sessions } from './session.js';

type Packet = { messageId?: number };

/**
 * What aedes asks a store for, when there is nothing to keep: sessions are clean, telemetry is never
 * retained, a will lives with its connection. Only the packet ids of QoS 2 messages are remembered,
 * never their bytes. The journal is the memory of this broker.
 */
export class ForgetfulPersistence {
  /** Ids that PUBREC was or will be sent for, until their PUBREL. */
  private readonly received = new WeakMap<Client, Set<number>>();

  constructor(private readonly sessions: Sessions) {}

  async setup(): Promise<void> {}

  async storeRetained(): Promise<void> {}

  createRetainedStreamCombi(): Readable {
    return Readable.from([]);
  }

  async subscriptionsByTopic(): Promise<never[]> {
    return [];
  }

  async subscriptionsByClient(): Promise<never[]> {
    return [];
  }

  async addSubscriptions(): Promise<void> {}

  async removeSubscriptions(): Promise<void> {}

  async cleanSubscriptions(): Promise<void> {}

  async outgoingEnqueue(): Promise<void> {}

  async outgoingEnqueueCombi(): Promise<void> {}

  async outgoingUpdate(): Promise<void> {}

  async outgoingClearMessageId(): Promise<void> {}

  outgoingStream(): Readable {
    return Readable.from([]);
  }

  async putWill(): Promise<void> {}

  async delWill(): Promise<void> {}

  streamWill(): Readable {
    return Readable.from([]);
  }

  async incomingStorePacket(client: Client, { messageId }: Packet): Promise<void> {
    const ids = this.received.get(client);
    if (ids === undefined) this.received.set(client, new Set([messageId!]));
    else ids.add(messageId!);
  }

  /** Rejects, as aedes expects, unless the id is known. */
  async incomingGetPacket(client: Client, packet: Packet): Promise<Packet> {
    if (this.received.get(client)?.has(packet.messageId!) !== true) throw new Error('no such packet');
    return packet;
  }

  /** PUBREL came: the same id is a new message from now on. */
  async incomingDelPacket(client: Client, { messageId }: Packet): Promise<void> {
    this.received.get(client)?.delete(messageId!);
    const session: Session | undefined = this.sessions.of(client);
    session?.exactlyOnce.delete(messageId!);
  }

  async cleanIncoming(client: Client): Promise<void> {
    this.received.delete(client);
  }

  async destroy(): Promise<void> {}
}
