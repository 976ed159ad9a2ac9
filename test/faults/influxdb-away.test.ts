import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { alertedPendants, Hub, randomOf, storedCount } from '../harness/hub.js';
import { Influxd, influxdFile } from '../harness/influxd.js';
import { eventually, Service } from '../harness/service.js';

const SEED = Number(process.env['HEARTHWATCH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const DAY_MS = 86_400_000;
const about = influxdFile() === undefined ? describe.skip : describe;

about(influxdFile() === undefined ? 'not run: install influxd (Debian: apt install influxdb)' : 'influxd', () => {
  let influxd: Influxd;
  let service: Service;

  beforeAll(async () => {
    influxd = await Influxd.start();
    service = await Service.create({ HEARTHWATCH_TIMESERIES_URL: influxd.url });
    await service.start();
  }, 60_000);

  afterAll(async () => {
    await service.dispose();
    await influxd.stop();
  });

  test(`killed, paused, and killed together with the service, under load (seed ${SEED}): alerts go on, nothing is lost or doubled`, async () => {
    const startMs = Date.now() - 3_600_000;
    const hub = await Hub.connect(service, 'away', randomOf(SEED));
    const asked = await Hub.connect(service, 'asked', () => 0); // Every message a press.
    hub.start(startMs);

    await sleep(300);
    await influxd.kill();
    asked.press(startMs);
    await eventually(10_000, async () => (await alertedPendants(service, 'asked')).length === 1); // The time series is away, the alert is not.
    await eventually(10_000, async () => (await service.failing()).includes('series'));
    await influxd.startAgain();
    await eventually(30_000, () => service.isReady());

    influxd.pause();
    await sleep(3_000);
    influxd.resume();
    await sleep(500);

    await influxd.kill();
    await service.end('SIGKILL');
    await influxd.startAgain();
    await service.start();
    await sleep(300);
    await hub.finish();
    await asked.finish();

    const { sent, acknowledged } = hub;
    expect(acknowledged.readings).toBe(sent);
    const count = (): Promise<number> => storedCount(service, 'away', startMs - DAY_MS, startMs + DAY_MS);
    await eventually(60_000, async () => (await count()) >= sent);
    expect(await count()).toBe(sent);
    expect((await alertedPendants(service, 'away')).toSorted()).toEqual([...acknowledged.presses].toSorted());
  }, 240_000);
});
