import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Aedes } from 'aedes';
import type { CodedError } from '#libs/runtime';
import { HubConnection } from './connection.js';

let broker: Aedes;
let server: Server;
let url: string;
const sockets = new Set<Socket>();

beforeEach(async () => {
  broker = await Aedes.createBroker();
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    broker.handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await new Promise<void>((resolve) => broker.close(() => resolve()));
});

const login = { home: 'h1', username: 'u', password: 'p' };
const numbered = (n: number) => ({ atMs: n, home: 'h1', topic: 'homes/h1/devices/d/readings', payload: String(n) });
const never = (error: CodedError): void => {
  throw error;
};

test('what a broken connection left unacknowledged is sent again, in order', async () => {
  const arrived: number[] = [];
  broker.authorizePublish = (_client, packet, callback) => {
    const number = Number(packet.payload.toString());
    arrived.push(number);
    // Thrice the line is cut in the middle: what came is then not acknowledged.
    if ((number === 20 || number === 40 || number === 41) && arrived.filter((n) => n === number).length === 1) {
      for (const socket of sockets) socket.destroy();
    }
    setImmediate(() => callback(null));
  };
  const states: string[] = [];
  const connection = new HubConnection(url, login, { onFailed: never, onAway: () => states.push('away'), onBack: () => states.push('back') });
  const acknowledged: number[] = [];
  await new Promise<void>((resolve) => {
    for (let n = 1; n <= 60; n += 1) {
      connection.send(numbered(n), () => {
        acknowledged.push(n);
        if (acknowledged.length === 60) resolve();
      });
    }
  });
  await connection.close();
  expect([...acknowledged].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  const first = [...new Set(arrived)];
  expect(first).toEqual([...first].sort((a, b) => a - b));
  expect(states.slice(0, 2)).toEqual(['away', 'back']);
});

test('a refused login is an error that names the home, never the password', async () => {
  broker.authenticate = (_client, _username, _password, callback) => callback(Object.assign(new Error('no'), { returnCode: 4 }), false);
  const error = await new Promise<CodedError>((resolve) => {
    void new HubConnection(url, login, { onFailed: resolve });
  });
  expect(error).toMatchObject({ code: 'HW-SIM-LOGIN', message: 'The broker refuses the login of home h1' });
}, 60_000);
