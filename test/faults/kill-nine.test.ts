import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mqtt, { type MqttClient } from 'mqtt';
import { eventually, Service } from '../harness/service.js';

const ROUNDS = Number(process.env['HEARTHWATCH_KILL_ROUNDS'] ?? 30);
const SEED = Number(process.env['HEARTHWATCH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const HOMES = 4;
const IN_FLIGHT_MAX = 50;

/** Mulberry32: a seed reproduces the moments of the kills and the mix of messages. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A hub that sends a reading again until it is acknowledged, across every restart of the service. */
class Hub {
  readonly acknowledged = { readings: 0, presses: new Set<string>() };
  sent = 0;
  private inFlight = 0;
  private running = true;
  private loop: Promise<void> = Promise.resolve();

  constructor(readonly home: string, private readonly client: MqttClient, private readonly random: () => number) {}

  start(startMs: number): void {
    this.loop = (async () => {
      while (this.running) {
        if (this.inFlight >= IN_FLIGHT_MAX) await sleep(2);
        else this.send(startMs);
        if (this.sent % 20 === 0) await sleep(1);
      }
    })();
  }

  /** Stops sending and waits until everything sent is acknowledged. */
  async finish(): Promise<void> {
    this.running = false;
    await this.loop;
    await eventually(30_000, () => Promise.resolve(this.inFlight === 0));
    await this.client.endAsync();
  }

  private send(startMs: number): void {
    const seq = (this.sent += 1);
    const press = this.random() < 0.002;
    const device = press ? `pendant-${seq}` : 'climate';
    const values = press ? { sos: true } : { temperature: 18 + (seq % 50) / 10 };
    this.inFlight += 1;
    this.client.publish(`homes/${this.home}/devices/${device}/readings`, JSON.stringify({ ts: startMs + seq, seq, values }), { qos: 1 }, (error) => {
      this.inFlight -= 1;
      if (error) return;
      this.acknowledged.readings += 1;
      if (press) this.acknowledged.presses.add(device);
    });
  }
}

let service: Service;
beforeAll(async () => {
  service = await Service.create();
  await service.start();
}, 60_000);
afterAll(() => service.dispose());

test(`killed ${ROUNDS} times under load (seed ${SEED}): every acknowledged reading is there once, every alert once`, async () => {
  const random = randomOf(SEED);
  const startMs = Date.now() - 3_600_000;
  const hubs: Hub[] = [];
  for (let n = 0; n < HOMES; n += 1) {
    const home = `kill-${n}`;
    const login = await service.home(home);
    // With two residents a pendant that is nobody's is a subject of its own: one alert a pendant.
    await service.api('POST', `/homes/${home}/residents`, { id: 'r2', basis: 'consent', decidedBy: 'the resident', reviewOn: '2030-01-01' });
    const client = await mqtt.connectAsync(service.mqttUrl, { ...login, reconnectPeriod: 50, connectTimeout: 2_000 });
    client.on('error', () => undefined); // Refused while the service is down; the client tries again.
    hubs.push(new Hub(home, client, random));
  }
  for (const hub of hubs) hub.start(startMs);
  for (let round = 0; round < ROUNDS; round += 1) {
    await sleep(100 + random() * 900);
    await service.end('SIGKILL');
    await service.start();
  }
  for (const hub of hubs) await hub.finish();

  for (const { home, sent, acknowledged } of hubs) {
    expect(acknowledged.readings).toBe(sent);
    const counted = await eventually(30_000, async () => {
      const { items } = await service.api<{ items: { value: number }[] }>('GET', `/homes/${home}/readings?fn=count&every=1d&from=${new Date(startMs - 86_400_000).toISOString()}&to=${new Date(startMs + 86_400_000).toISOString()}`);
      const total = items.reduce((sum, { value }) => sum + value, 0);
      return total >= sent ? total : undefined;
    });
    expect(counted).toBe(sent);
    const alerts = await eventually(10_000, async () => {
      const { items } = await service.api<{ items: { rule: string; subject: string }[] }>('GET', `/alerts?home=${home}&limit=1000`);
      const pressed = items.filter(({ rule }) => rule === 'sos').map(({ subject }) => subject);
      return pressed.length >= acknowledged.presses.size ? pressed : undefined;
    });
    expect(alerts.toSorted()).toEqual([...acknowledged.presses].toSorted());
  }
}, 600_000);
