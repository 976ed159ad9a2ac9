import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import type { PacketParser } from './aedes-internals.js';
import { Flows, oversize, type Flow } from './flow.js';
import { LIMITS } from './limits.js';

const CHUNK = Buffer.from('chunk');

/** What flow.ts sees of a socket. */
class FakeSocket extends EventEmitter {
  writableNeedDrain = false;
  destroyed = false;

  read(): unknown {
    return CHUNK;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

interface Controlled {
  socket: FakeSocket;
  flow: Flow;
  parser: PacketParser & { left: number };
  refusals: string[];
  readable: () => number;
}

function controlled(flows: Flows, loggedIn = true): Controlled {
  const socket = new FakeSocket();
  const parser = { packet: { cmd: 'publish', qos: 1, length: -1 }, left: 0, parse: () => parser.left, _list: Buffer.alloc(0) };
  const refusals: string[] = [];
  let readable = 0;
  socket.on('readable', () => { readable += 1; });
  const flow = flows.control(socket as unknown as Socket, parser, (reason) => refusals.push(reason));
  flow.loggedIn = loggedIn;
  return { socket, flow, parser, refusals, readable: () => readable };
}

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

test('a connection is read until too much of it is in flight, and again when that is done', () => {
  const flows = new Flows();
  const { socket, flow } = controlled(flows);
  expect(socket.read()).toBe(CHUNK);
  flows.begin(flow, LIMITS.inFlightPerConnection + 1);
  expect(socket.read()).toBeNull();
  flows.end(flow, LIMITS.inFlightPerConnection + 1);
  expect(socket.read()).toBe(CHUNK);
  for (let count = 0; count <= LIMITS.packetsInFlightPerConnection; count += 1) flows.begin(flow, 1);
  expect(socket.read()).toBeNull();
});

test('while too much of all is in flight nobody is read but those who are still to log in, and then all go on', async () => {
  const flows = new Flows({ inFlight: 1_000, partial: 1e9 });
  const [busy, idle, stranger] = [controlled(flows), controlled(flows), controlled(flows, false)];
  flows.begin(busy.flow, 1_001);
  expect(idle.socket.read()).toBeNull();
  expect(stranger.socket.read()).toBe(CHUNK);
  expect(flows.waitingConnections).toBe(1);
  flows.end(busy.flow, 1_001);
  await turn();
  expect(idle.readable()).toBe(1);
  expect(idle.socket.read()).toBe(CHUNK);
  expect(flows.waitingConnections).toBe(0);
});

test('a connection that takes no acknowledgements is not read, and is when it took them', () => {
  const { socket, readable } = controlled(new Flows());
  socket.writableNeedDrain = true;
  expect(socket.read()).toBeNull();
  socket.writableNeedDrain = false;
  socket.emit('drain');
  expect(readable()).toBe(1);
  expect(socket.read()).toBe(CHUNK);
});

test('when too many large packets have begun, whoever adds to them is closed, and their bytes count no more', () => {
  const flows = new Flows({ inFlight: 1e9, partial: 200_000 });
  const [first, second, small] = [controlled(flows), controlled(flows), controlled(flows)];
  const hold = ({ parser }: Controlled, left: number): void => {
    parser.left = left;
    parser.parse(CHUNK);
  };
  hold(first, 150_000);
  hold(small, 10_000);
  hold(second, 100_000);
  expect(second.socket.destroyed).toBe(true);
  expect(second.refusals).toEqual(['too many large packets have begun at once']);
  hold(small, 20_000);
  hold(first, 0);
  expect([first, small].map(({ socket }) => socket.destroyed)).toEqual([false, false]);
});

test('after stop nothing is read', () => {
  const flows = new Flows();
  const { socket } = controlled(flows);
  flows.stop();
  expect(socket.read()).toBeNull();
});

function begun(cmd: string, length: number, held: Buffer): PacketParser {
  return { packet: { cmd, qos: 1, length }, parse: () => 0, _list: held } as PacketParser;
}

const topicField = (topic: string): Buffer => Buffer.concat([Buffer.from([topic.length >> 8, topic.length & 255]), Buffer.from(topic)]);

test.each([
  ['a small one whose length is not known yet', begun('publish', -1, Buffer.alloc(0)), true, false],
  ['a login of 16 KiB', begun('connect', 16 * 1024, Buffer.alloc(0)), false, false],
  ['a login of more', begun('connect', 16 * 1024 + 1, Buffer.alloc(0)), false, true],
  ['a subscribe of more than 64 KiB', begun('subscribe', 64 * 1024 + 1, Buffer.alloc(0)), true, true],
  ['one of 1 MiB before its topic is known', begun('publish', 1024 * 1024, Buffer.from([0])), true, false],
  ['one of 2 MiB before its topic is known', begun('publish', 2 * 1024 * 1024, Buffer.from([0])), true, true],
  ['one of 1 MiB with half of its topic', begun('publish', 1024 * 1024, topicField('homes/h/zigbee2mqtt/bridge/devices').subarray(0, 9)), true, false],
  ['one of 1 MiB for the bridge', begun('publish', 1024 * 1024, topicField('homes/h/zigbee2mqtt/bridge/devices')), true, false],
  ['one of 1 MiB for anything else', begun('publish', 1024 * 1024, topicField('homes/h/zigbee2mqtt/lamp')), true, true],
  ['a topic of more than 1 KiB', begun('publish', 2_000, Buffer.from([5, 0])), true, true],
])('%s', (_what, parser, loggedIn, refused) => {
  expect(oversize(parser, loggedIn) !== null).toBe(refused);
});
