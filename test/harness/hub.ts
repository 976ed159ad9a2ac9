import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { eventually, type Login, type Service } from './service.js';

const IN_FLIGHT_MAX = 50;

/** Mulberry32: a seed reproduces the moments of the kills and the mix of messages. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A hub that sends a reading again until it is acknowledged, across every restart of the service. */
export class Hub {
  readonly acknowledged = { readings: 0, presses: new Set<string>() };
  sent = 0;
  private inFlight = 0;
  private running = true;
  private loop: Promise<void> = Promise.resolve();

  private constructor(readonly home: string, private readonly client: MqttClient, private readonly random: () => number) {}

  /** With two residents a pendant that is nobody's is a subject of its own: one alert a pendant. */
  static async connect(service: Service, home: string, random: () => number): Promise<Hub> {
    const login: Login = await service.home(home);
    await service.api('POST', `/homes/${home}/residents`, { id: 'r2', basis: 'consent', decidedBy: 'the resident', reviewOn: '2030-01-01' });
    const client = await mqtt.connectAsync(service.mqttUrl, { ...login, reconnectPeriod: 50, connectTimeout: 2_000 });
    client.on('error', () => undefined); // Refused while the service is down; the client tries again.
    return new Hub(home, client, random);
  }

  start(startMs: number): void {
    this.loop = (async () => {
      while (this.running) {
        if (this.inFlight >= IN_FLIGHT_MAX) await sleep(2);
        else this.send(startMs);
        if (this.sent % 20 === 0) await sleep(5); // A few thousand a second: enough to be in the middle of something at any moment.
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

  /** One press of a pendant that was never pressed before. */
  press(startMs: number): void {
    this.send(startMs, true);
  }

  private send(startMs: number, press = this.random() < 0.001): void {
    const seq = (this.sent += 1);
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


/** How many readings of a home are in the time series, asked as a user would. */
export async function storedCount(service: Service, home: string, fromMs: number, toMs: number): Promise<number> {
  const range = `from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}`;
  const items = await service.all<{ value: number }>(`/homes/${home}/readings?fn=count&every=1d&limit=10000&${range}`);
  return items.reduce((sum, { value }) => sum + value, 0);
}

/** The pendants of a home that have an alert, one entry an alert. */
export async function alertedPendants(service: Service, home: string): Promise<string[]> {
  const items = await service.all<{ rule: string; subject: string }>(`/alerts?home=${home}&limit=1000`);
  return items.filter(({ rule }) => rule === 'sos').map(({ subject }) => subject);
}
