import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/*
 * A process of its own that publishes as fast as its windows allow: raw sockets, packets encoded
 * once and only their packet id and time written anew, PUBACKs counted. The same for every broker.
 * Asked by its parent's messages: `open`, then `run` any number of times.
 */

export interface Hub {
  username: string;
  password: string;
  /** Readings go to these devices in turn, each with its own kind and values. */
  devices: { topic: string; values: string }[];
}

export type Ask =
  | { type: 'open'; port: number; hubs: Hub[]; window: number }
  /** Publishes for so long, then waits until everything is acknowledged. */
  | { type: 'run'; seconds: number }
  | { type: 'close' };

export interface RunResult {
  type: 'ran';
  /** Acknowledged while publishing, and for how long that was. */
  acknowledgedPublishing: number;
  publishingMs: number;
  /** Acknowledged in all, after the last was awaited; and how long that took from the first. */
  acknowledged: number;
  totalMs: number;
  cpuUs: number;
  /** By the machine's clock, when the first was sent. */
  startedMs: number;
}

const QOS_1 = 0x32;
const TIME_DIGITS = 13;

/** A device's PUBLISH with places for the packet id and the time. */
interface Template {
  packet: Buffer;
  idAt: number;
  timeAt: number;
  lastMs: number;
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

function packetOf(header: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([header]), lengthBytes(body.length), body]);
}

function templateOf({ topic, values }: Hub['devices'][number]): Template {
  const payload = Buffer.from(`{"ts":${'0'.repeat(TIME_DIGITS)},"values":${values}}`);
  const packet = packetOf(QOS_1, field(topic), Buffer.alloc(2), payload);
  const payloadAt = packet.length - payload.length;
  return { packet, idAt: payloadAt - 2, timeAt: payloadAt + 6, lastMs: 0 };
}

class Connection {
  private socket!: Socket;
  private readonly templates: Template[];
  private turn = 0;
  private rest: Buffer = Buffer.alloc(0);
  acknowledged = 0;
  inFlight = 0;

  constructor(private readonly hub: Hub, private readonly window: number, private readonly mayPublish: () => boolean, private readonly onAcknowledged: () => void) {
    this.templates = hub.devices.map(templateOf);
  }

  open(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
      this.socket.once('error', reject);
      this.socket.once('close', () => { throw new Error(`the broker closed the connection of ${this.hub.username}`); });
      this.socket.once('data', (answer: Buffer) => {
        if (answer[0] !== 0x20 || answer[3] !== 0) return reject(new Error(`CONNACK ${answer.toString('hex')}`));
        this.socket.on('data', (chunk: Buffer) => this.take(chunk));
        resolve();
      });
      this.socket.write(packetOf(0x10, field('MQTT'), Buffer.from([4, 0xc2, 0, 0]), field(this.hub.username), field(this.hub.username), field(this.hub.password)));
    });
  }

  /** Fills the window with the packet ids 1, 2, …; each is used again once it is acknowledged. */
  begin(): void {
    this.publish(Array.from({ length: this.window }, (_, index) => index + 1));
  }

  close(): void {
    this.socket.removeAllListeners('close');
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const ids: number[] = [];
    let at = 0;
    for (; at + 4 <= bytes.length; at += 4) {
      if (bytes[at] !== 0x40) throw new Error(`expected a PUBACK, got ${bytes.subarray(at, at + 4).toString('hex')}`);
      ids.push(bytes.readUInt16BE(at + 2));
    }
    this.rest = bytes.subarray(at);
    this.acknowledged += ids.length;
    this.inFlight -= ids.length;
    if (this.mayPublish()) this.publish(ids);
    this.onAcknowledged();
  }

  private publish(ids: number[]): void {
    if (ids.length === 0) return;
    const nowMs = Date.now();
    const parts = ids.map((id) => {
      const template = this.templates[this.turn++ % this.templates.length]!;
      const packet = Buffer.from(template.packet);
      packet.writeUInt16BE(id, template.idAt);
      template.lastMs = Math.max(nowMs, template.lastMs + 1); // No two readings of a device at one time.
      packet.write(String(template.lastMs), template.timeAt, 'latin1');
      return packet;
    });
    this.inFlight += ids.length;
    this.socket.write(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
  }
}

let connections: Connection[] = [];
let publishing = false;
let drained: (() => void) | undefined;

const inFlight = (): number => connections.reduce((sum, connection) => sum + connection.inFlight, 0);
const acknowledged = (): number => connections.reduce((sum, connection) => sum + connection.acknowledged, 0);

async function open({ port, hubs, window }: Extract<Ask, { type: 'open' }>): Promise<void> {
  const onAcknowledged = (): void => {
    if (!publishing && drained !== undefined && inFlight() === 0) drained();
  };
  connections = hubs.map((hub) => new Connection(hub, window, () => publishing, onAcknowledged));
  for (let from = 0; from < connections.length; from += 50) {
    await Promise.all(connections.slice(from, from + 50).map((connection) => connection.open(port)));
  }
}

async function run(seconds: number): Promise<RunResult> {
  const before = acknowledged();
  const cpu = process.cpuUsage();
  const startedMs = Date.now();
  const started = performance.now();
  publishing = true;
  for (const connection of connections) connection.begin();
  await new Promise((resolve) => { setTimeout(resolve, seconds * 1_000); });
  const publishingMs = performance.now() - started;
  const acknowledgedPublishing = acknowledged() - before;
  publishing = false;
  if (inFlight() > 0) await new Promise<void>((resolve) => { drained = resolve; });
  drained = undefined;
  const { user, system } = process.cpuUsage(cpu);
  return { type: 'ran', acknowledgedPublishing, publishingMs, acknowledged: acknowledged() - before, totalMs: performance.now() - started, cpuUs: user + system, startedMs };
}

process.on('message', (ask: Ask) => {
  void (async () => {
    if (ask.type === 'open') {
      await open(ask);
      process.send!({ type: 'opened' });
    } else if (ask.type === 'run') process.send!(await run(ask.seconds));
    else {
      for (const connection of connections) connection.close();
      process.send!({ type: 'closed' });
    }
  })();
});
process.send!({ type: 'ready' });
