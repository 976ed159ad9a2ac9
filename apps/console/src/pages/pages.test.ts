import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ManualClock } from '#libs/runtime';
import { onEveryDatabase } from '../../../../test/harness/databases.js';
import { finding, raise, seedMorning, startSeeded, type SeededConsole } from '../../../../test/harness/seeded-console.js';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 10, 22, 2, 45);

/** Signs in and gives a function that reads a page as somebody sees its words. */
async function reader({ url, username, password }: SeededConsole): Promise<(path: string) => Promise<string>> {
  const answer = await fetch(`${url}/sign-in`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ username, password }) });
  const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
  return async (path) => {
    const page = await fetch(url + path, { headers: { cookie } });
    expect({ path, status: page.status }).toEqual({ path, status: 200 });
    return (await page.text()).replace(/<(script|style|svg|title)[^]*?<\/\1>/g, '').replace(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ').replaceAll('&#39;', '\'').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
  };
}

onEveryDatabase((engine) => {
  let seeded: SeededConsole;
  let read: (path: string) => Promise<string>;
  const clock = new ManualClock(NOW_MS);

  beforeAll(async () => {
    const { url } = await engine.fresh();
    seeded = await startSeeded(seedMorning, { databaseUrl: url }, clock);
    read = await reader(seeded);
  }, 60_000);
  afterAll(() => seeded.stop());

  test('the list has the gravest first, in the home\'s time, and says who it is about', async () => {
    const page = await read('/alerts');
    expect(page).toMatch(/Urgent Resident r1, home h1 .*Routine Resident r1, home h2 .*Technical Home h3 · device smoke/);
    expect(page).toContain('02:05 (40 minutes ago) · Nobody has acknowledged this yet');
    expect(page).toContain('Last reading received 1 minute ago');
    expect(await read('/alerts?home=h2')).not.toContain('home h1');
    expect(await read('/alerts?status=resolved')).toContain('No resolved alerts yet');
  });

  test('the homes have their worst alert and when they were last heard', async () => {
    expect(await read('/homes')).toMatch(/h1 Resident r1 1 open Urgent 1 minute ago .*h2 Resident r1 1 open Routine 22 minutes ago/);
  });

  test('a home has its people, its devices and its day', async () => {
    const page = await read('/homes/h1');
    expect(page).toContain('Best-interests decision, decided by Care team with family; review on 1 May 2027');
    expect(page).toContain('Oxygen in the lounge. Dog.');
    expect(page).toContain('14% Low');
    expect(page).toMatch(/Blood pressure, r1 176\/78 mmHg [\d:]+ Outside the limits/);
    expect(page).toContain('new-plug Not registered');
  });

  test('the equipment has what nobody registered and what could not be read', async () => {
    const page = await read('/equipment');
    expect(page).toContain('h1 new-plug Power 1 minute ago');
    expect(page).toContain('values.temperature: 451 is outside -40…85 HW-DECODE-RANGE');
    expect(page).toContain('<script>alert(1)</script>··');
  });

  test('an alert of a home that nobody registered can be worked on', async () => {
    const [change] = await raise(seeded.db, [finding('stray', 'sos', NOW_MS, { severity: 'emergency', subjectKind: 'device', subject: 'pendant', reason: 'SOS button pressed' })], NOW_MS);
    const page = await read(`/alerts/${change!.alertId}`);
    expect(page).toContain('Home stray · device pendant');
    expect(page).toContain('Telephone Not recorded');
    expect(page).toContain('Nobody recorded: nobody is told of this home’s alerts');
  });

  test('silence is said, not taken for peace', async () => {
    clock.advance(3 * HOUR_MS);
    read = await reader(seeded); // The session of before has ended meanwhile.
    expect(await read('/alerts')).toContain('No reading from any home for 3 hours. While nothing is heard, nothing can be noticed');
    clock.set(NOW_MS);
  });
});

describe('without the time series', () => {
  test('a home\'s page still has how to reach the person, and says that readings are missing', async () => {
    const seeded = await startSeeded(seedMorning, { timeseriesUrl: 'influxdb://user:token@127.0.0.1:1/homes' });
    try {
      const page = await (await reader(seeded))('/homes/h1');
      expect(page).toContain('The readings can’t be shown just now');
      expect(page).toContain('Oxygen in the lounge. Dog.');
      const ready = await fetch(`${seeded.url}/health/ready`);
      expect([ready.status, await ready.json()]).toEqual([503, { status: 'failing', failing: ['series'] }]);
    } finally {
      await seeded.stop();
    }
  }, 30_000);
});
