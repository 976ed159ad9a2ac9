import type { Socket } from 'node:net';
import { heldBy, type PacketParser } from './aedes-internals.js';
import { LIMITS, payloadMax } from './limits.js';

/*
 *   socket ─▶ read gate ─▶ parser ─▶ hook ─▶ journal ─▶ acknowledgement
 *               │ closed while too much is in flight: of this connection, of all,
 *               │ or while the device does not take its acknowledgements
 */

/** What one connection makes the broker hold. */
export interface Flow {
  socket: Socket;
  /** Its login was accepted: the gate for all applies. */
  loggedIn: boolean;
  bytesInFlight: number;
  packetsInFlight: number;
  partialBytes: number;
}

/** Bounds what all connections together make the broker hold, by reading no further. */
export class Flows {
  private bytesInFlight = 0;
  private partialBytes = 0;
  private readonly waiting = new Set<Socket>();
  private stopped = false;

  constructor(private readonly limits: { inFlight: number; partial: number } = LIMITS) {}

  get inFlight(): number {
    return this.bytesInFlight;
  }

  get waitingConnections(): number {
    return this.waiting.size;
  }

  /**
   * Puts the gate in front of a socket that aedes reads by `read()`, and watches what its parser
   * holds. `refuse` is told why a packet is too large; the connection is then closed.
   */
  control(socket: Socket, parser: PacketParser, refuse: (reason: string) => void): Flow {
    const flow: Flow = { socket, loggedIn: false, bytesInFlight: 0, packetsInFlight: 0, partialBytes: 0 };
    const read = socket.read.bind(socket);
    socket.read = (size?: number): unknown => (this.mayRead(flow) ? read(size) : null);
    socket.on('drain', () => socket.emit('readable'));
    socket.on('close', () => {
      this.waiting.delete(socket);
      this.partialBytes -= flow.partialBytes;
      flow.partialBytes = 0;
    });
    const parse = parser.parse.bind(parser);
    parser.parse = (bytes) => {
      const left = parse(bytes);
      const reason = this.tooLarge(flow, parser, left);
      if (reason !== null && !socket.destroyed) {
        refuse(reason);
        socket.destroy();
      }
      return left;
    };
    return flow;
  }

  begin(flow: Flow, bytes: number): void {
    flow.bytesInFlight += bytes;
    flow.packetsInFlight += 1;
    this.bytesInFlight += bytes;
  }

  end(flow: Flow, bytes: number): void {
    flow.bytesInFlight -= bytes;
    flow.packetsInFlight -= 1;
    this.bytesInFlight -= bytes;
    if (this.waiting.size > 0 && this.bytesInFlight <= this.limits.inFlight / 2) this.letGo();
  }

  /** Reads nothing more from anybody. */
  stop(): void {
    this.stopped = true;
  }

  private mayRead(flow: Flow): boolean {
    if (this.stopped || flow.socket.writableNeedDrain) return false;
    if (flow.bytesInFlight > LIMITS.inFlightPerConnection || flow.packetsInFlight > LIMITS.packetsInFlightPerConnection) return false;
    if (!flow.loggedIn || this.bytesInFlight <= this.limits.inFlight) return true;
    this.waiting.add(flow.socket);
    return false;
  }

  private letGo(): void {
    const sockets = [...this.waiting];
    this.waiting.clear();
    for (const socket of sockets) setImmediate(() => socket.emit('readable'));
  }

  private tooLarge(flow: Flow, parser: PacketParser, left: number): string | null {
    const held = flow.socket.destroyed ? 0 : left;
    this.partialBytes += held - flow.partialBytes;
    flow.partialBytes = held;
    if (held > LIMITS.partialPerConnection && this.partialBytes > this.limits.partial) return 'too many large packets have begun at once';
    return oversize(parser, flow.loggedIn);
  }
}

/** Why the packet that has begun may not go on, judged by its header and topic alone; null if it may. */
export function oversize(parser: PacketParser, loggedIn: boolean): string | null {
  const { cmd, qos, length } = parser.packet;
  if (length < 0) return null;
  if (!loggedIn) return length > LIMITS.connectPacket ? `a packet of ${length} bytes before the login` : null;
  if (cmd !== 'publish') return length > LIMITS.otherPacket ? `a ${cmd} packet of ${length} bytes` : null;
  const held = heldBy(parser);
  if (held.length < 2) return length > LIMITS.bridgePayload + LIMITS.topic + 4 ? `a message of ${length} bytes` : null;
  const topicBytes = held.readUInt16BE(0);
  if (topicBytes > LIMITS.topic) return `a topic of ${topicBytes} bytes`;
  const payloadBytes = length - 2 - topicBytes - (qos === 0 ? 0 : 2);
  if (payloadBytes <= LIMITS.payload) return null;
  if (payloadBytes <= LIMITS.bridgePayload && held.length < 2 + topicBytes) return null; // Its topic will tell.
  const topic = held.toString('utf8', 2, 2 + Math.min(topicBytes, held.length - 2));
  return payloadBytes > payloadMax(topic) ? `a payload of ${payloadBytes} bytes` : null;
}
