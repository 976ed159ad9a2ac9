import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Aedes, type Client } from 'aedes';
import { heldBy, parserOf } from './aedes-internals.js';

/* What flow.ts relies on and aedes does not promise. A failure here means: read the new version before using it. */

let aedes: Aedes;
let client: Client;
let socket: Socket;
const reads: unknown[] = [];
const server = createServer((accepted) => {
  const read = accepted.read.bind(accepted);
  accepted.read = (size?: number): unknown => {
    reads.push(size);
    return read(size);
  };
  client = aedes.handle(accepted);
});

beforeAll(async () => {
  aedes = await Aedes.createBroker();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
});

afterAll(async () => {
  socket.destroy();
  await new Promise<void>((resolve) => { aedes.close(resolve); });
  server.close();
});

const written = async (bytes: Buffer): Promise<void> => {
  socket.write(bytes);
  await new Promise((resolve) => { setTimeout(resolve, 50); });
};

test('the version is the one that was read', () => {
  const file = createRequire(import.meta.url).resolve('aedes').replace(/aedes\.js$/, 'package.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: '1.2.0' });
});

test('aedes pulls from the socket by read(), so a gate there stops it', async () => {
  await written(Buffer.from([0x10, 16, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 4, 0x74, 0x65, 0x73, 0x74]));
  expect(reads.length).toBeGreaterThan(0);
  expect(client.connected).toBe(true);
});

test('a packet that has begun shows its command, QoS and length, and what came of it', async () => {
  const parser = parserOf(client);
  expect(parser.packet.length).toBe(-1);
  await written(Buffer.from([0x32, 0x80, 0x80, 0x04, 0, 3, 0x61, 0x2f, 0x62])); // 65,536 bytes follow, 5 are here.
  expect(parser.packet).toMatchObject({ cmd: 'publish', qos: 1, length: 65_536 });
  const held = heldBy(parser);
  expect(held.length).toBe(5);
  expect(held.readUInt16BE(0)).toBe(3);
  expect(held.toString('utf8', 2, 5)).toBe('a/b');
});

test('parse() returns how many bytes wait, and is looked up at each call', async () => {
  const parser = parserOf(client);
  const parse = parser.parse.bind(parser);
  const left: number[] = [];
  parser.parse = (bytes) => {
    left.push(parse(bytes));
    return left.at(-1)!;
  };
  await written(Buffer.from('more'));
  expect(left).toEqual([9]);
});
