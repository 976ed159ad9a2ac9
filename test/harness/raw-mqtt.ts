import { connect, type Socket } from 'node:net';

/* MQTT 3.1.1 by hand, for what a well-behaved client library never sends. */

export interface RawLogin {
  username: string;
  password: string;
}

function lengthBytes(length: number): Buffer {
  const bytes: number[] = [];
  for (let rest = length; ;) {
    bytes.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
    if (rest === 0) return Buffer.from(bytes);
  }
}

function field(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

/** A packet; with `declared`, its header promises that many bytes whatever follows. */
export function rawPacket(header: number, body: Buffer, declared = body.length): Buffer {
  return Buffer.concat([Buffer.from([header]), lengthBytes(declared), body]);
}

export const rawConnect = ({ username, password }: RawLogin, clientId = 'raw'): Buffer =>
  rawPacket(0x10, Buffer.concat([field('MQTT'), Buffer.from([4, 0xc2, 0, 60]), field(clientId), field(username), field(password)]));

/** A PUBLISH at QoS 1. */
export const rawPublish = (id: number, topic: string, payload: Buffer, declared?: number): Buffer =>
  rawPacket(0x32, Buffer.concat([field(topic), Buffer.from([id >> 8, id & 255]), payload]), declared);

export class RawClient {
  received: Buffer = Buffer.alloc(0);
  closed = false;

  private constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('close', () => { this.closed = true; });
    socket.on('data', (chunk: Buffer) => { this.received = Buffer.concat([this.received, chunk]); });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => { socket.once('connect', resolve).once('error', reject); });
    return new RawClient(socket);
  }

  /** @throws unless CONNACK says yes within a second. */
  static async logIn(port: number, login: RawLogin, clientId?: string): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.socket.write(rawConnect(login, clientId));
    await client.until('CONNACK', () => client.received.length >= 4);
    if (client.received[3] !== 0) throw new Error(`CONNACK ${client.received[3]}`);
    client.received = Buffer.alloc(0);
    return client;
  }

  /** Packet ids of the PUBACKs that came so far. */
  get acknowledged(): number[] {
    const ids: number[] = [];
    for (let at = 0; at + 4 <= this.received.length; at += 4) ids.push(this.received.readUInt16BE(at + 2));
    return ids;
  }

  async until(what: string, condition: () => boolean, withinMs = 5_000): Promise<void> {
    for (const deadline = performance.now() + withinMs; !condition();) {
      if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    }
  }
}
