import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { HearthwatchApi } from './hearthwatch-api.js';
import type { HomePlan } from './home-plan.js';

interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

let server: Server;
let url: string;
let asked: { line: string; token: string | undefined; body: string }[];
let answer: (request: IncomingMessage, line: string) => Answer;

beforeEach(async () => {
  asked = [];
  answer = () => ({ status: 201, body: {} });
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const line = `${request.method} ${request.url}`;
      asked.push({ line, token: request.headers.authorization, body });
      const { status, body: content, headers } = answer(request, line);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(content === undefined ? '' : JSON.stringify(content));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

const PLAN: HomePlan = {
  id: 'h1',
  timeZone: 'Europe/London',
  residents: [{ id: 'r1', basis: 'consent', decidedBy: 'test', reviewOn: '2027-01-01' }],
  contacts: [{ name: 'Daughter', role: 'family', email: 'daughter@example.org' }],
  devices: [{ id: 'pir', room: 'hallway', use: 'movement', kinds: ['motion'] }],
};
const api = (): HearthwatchApi => new HearthwatchApi({ url, token: 't'.repeat(32) });

test('a home is registered with all that belongs to it, by the token', async () => {
  await api().registerHome(PLAN);
  expect(asked.map(({ line }) => line)).toEqual(['POST /api/v1/homes', 'POST /api/v1/homes/h1/residents', 'POST /api/v1/homes/h1/devices', 'POST /api/v1/homes/h1/contacts']);
  expect(asked[0]).toMatchObject({ token: `Bearer ${'t'.repeat(32)}`, body: '{"id":"h1","timeZone":"Europe/London"}' });
});

test('a home that was there already gets no contact twice', async () => {
  answer = () => ({ status: 200, body: {} });
  await api().registerHome(PLAN);
  expect(asked.map(({ line }) => line)).not.toContain('POST /api/v1/homes/h1/contacts');
});

test('a busy service is asked again', async () => {
  answer = () => (asked.length < 3 ? { status: 429, headers: { 'retry-after': '0' } } : { status: 201, body: { username: 'u', password: 'p' } });
  expect(await api().createLogin('h1')).toEqual({ home: 'h1', username: 'u', password: 'p' });
  expect(asked).toHaveLength(3);
});

test('errors say what to do, and never the token', async () => {
  answer = () => ({ status: 401, body: { code: 'HW-AUTH' } });
  await expect(api().registerHome(PLAN)).rejects.toMatchObject({ code: 'HW-API-REFUSED', line: expect.not.stringContaining('tttt') });
  answer = () => ({ status: 409, body: { code: 'HW-EXISTS', detail: 'Home h1 has another time zone' } });
  await expect(api().registerHome(PLAN)).rejects.toMatchObject({ code: 'HW-API-ANSWER', message: 'POST /homes was answered 409 HW-EXISTS Home h1 has another time zone' });
  answer = () => ({ status: 201, body: {} });
  await expect(api().createLogin('h1')).rejects.toMatchObject({ code: 'HW-API-ANSWER' });
  const away = new HearthwatchApi({ url: 'http://127.0.0.1:1', token: 'x' });
  await expect(away.registerHome(PLAN)).rejects.toMatchObject({ code: 'HW-API-UNREACHABLE' });
});
