import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { connectAsync } from 'mqtt';
import { eventually, Service } from '../harness/service.js';

/* A real disk that is really full. Only who may mount one can run this; the same with a counted disk is in broker.test.ts. */

const disk = mkdtempSync(join(tmpdir(), 'hearthwatch-disk-'));
const mounted = mount();

function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

afterAll(() => {
  if (mounted) execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

(mounted ? describe : describe.skip)('a small disk that fills up (mounting one needs to be root)', () => {
  test('stops acknowledgements, is named by health, answers what it can, and goes on with what waited', async () => {
    const service = await Service.create({ HEARTHWATCH_DATA_DIR: join(disk, 'data') });
    try {
      await service.start();
      const login = await service.home('h1');
      const hub = await connectAsync(service.mqttUrl, { ...login, reconnectPeriod: 0 });
      const send = (values: object): Promise<unknown> => hub.publishAsync('homes/h1/devices/d1/readings', JSON.stringify({ values }), { qos: 1 });
      await send({ temperature: 20 });

      await fill(join(disk, 'ballast'));
      await sleep(1_500); // The journal looks at the room once a second.
      let acknowledged = false;
      const waiting = send({ temperature: 21, sos: true }).then(() => { acknowledged = true; });
      await eventually(10_000, async () => (await service.failing()).includes('journal: the disk is full'));
      await eventually(20_000, async () => /503 .*HW-DATABASE-FILE/.test(await register(service))); // What the database has room for within its own files it still does.
      expect(acknowledged).toBe(false);

      await rm(join(disk, 'ballast'));
      await waiting;
      await eventually(10_000, async () => service.isReady());
      await eventually(10_000, async () => (await service.api<{ items: { rule: string }[] }>('GET', '/alerts?status=open')).items.some(({ rule }) => rule === 'sos'));
      const { items } = await service.api<{ items: { kind: string; value: unknown }[] }>('GET', '/homes/h1/readings?device=d1');
      expect(items.map(({ kind, value }) => [kind, value])).toEqual(expect.arrayContaining([['temperature', 20], ['temperature', 21], ['sos', true]]));
      expect(items).toHaveLength(3);
      await hub.endAsync();
    } finally {
      await service.dispose();
    }
  });
});

let registered = 0;

async function register(service: Service): Promise<string> {
  registered += 1;
  const notes = 'x'.repeat(2_000);
  return service.api('POST', '/homes', { id: `full-${registered}`, timeZone: 'Europe/London', hazards: notes, accessNotes: notes }).then(() => '', String);
}

/** Writes until there is no room for another byte. */
async function fill(file: string): Promise<void> {
  for (let bytes = 1_048_576; bytes >= 512;) {
    try {
      await writeFile(file, Buffer.alloc(bytes), { flag: 'a' });
    } catch {
      bytes /= 2;
    }
  }
}
