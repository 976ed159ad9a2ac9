import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { alertedPendants, Hub, randomOf, storedCount } from '../harness/hub.js';
import { eventually, Service } from '../harness/service.js';

const ROUNDS = Number(process.env['HEARTHWATCH_KILL_ROUNDS'] ?? 30);
const SEED = Number(process.env['HEARTHWATCH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const HOMES = 4;
const DAY_MS = 86_400_000;

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
  for (let n = 0; n < HOMES; n += 1) hubs.push(await Hub.connect(service, `kill-${n}`, random));
  for (const hub of hubs) hub.start(startMs);
  for (let round = 0; round < ROUNDS; round += 1) {
    await sleep(100 + random() * 900);
    await service.end('SIGKILL');
    await service.start();
  }
  for (const hub of hubs) await hub.finish();

  for (const { home, sent, acknowledged } of hubs) {
    expect(acknowledged.readings).toBe(sent);
    const count = (): Promise<number> => storedCount(service, home, startMs - DAY_MS, startMs + DAY_MS);
    await eventually(30_000, async () => {
      const stored = await count();
      if (stored < sent) throw new Error(`${home}: ${stored} of ${sent} stored`);
      return true;
    });
    expect(await count()).toBe(sent);
    await eventually(60_000, async () => {
      const alerted = (await alertedPendants(service, home)).length;
      if (alerted < acknowledged.presses.size) throw new Error(`${home}: ${alerted} of ${acknowledged.presses.size} presses alerted`);
      return true;
    });
    expect((await alertedPendants(service, home)).toSorted()).toEqual([...acknowledged.presses].toSorted());
  }
}, 900_000);
