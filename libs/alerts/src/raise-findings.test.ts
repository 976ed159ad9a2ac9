import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Database } from '#libs/database';
import type { Finding } from '#libs/detection';
import { minutes } from '#libs/runtime';
import { onEveryDatabase } from '../../../test/harness/databases.js';
import { findingOf } from '../../../test/harness/finding-of.js';
import { acknowledge, comment, getAlert, listAlerts, raiseFindings, resolve, SEVERITIES, type Alert } from './index.js';

class Crash extends Error {}

const commit = (db: Database, findings: Finding[], nowMs = 0): Promise<string[]> =>
  db.transaction().execute(async (trx) => (await raiseFindings(trx, findings, nowMs)).map(({ occasion }) => occasion));

async function allAlerts(db: Database, home: string): Promise<Alert[]> {
  return (await listAlerts(db, { home, limit: 1_000 })).items;
}

/** Episodes of one home: each a beginning, and steps that another worker or a replay may bring in any order. */
const episode = fc.record({
  subject: fc.constantFrom('r1', 'r2'),
  cause: fc.constantFrom('fall', 'sos'),
  startMs: fc.integer({ min: 0, max: 6 }).map((n) => minutes(n * 10)),
  steps: fc.array(fc.record({ change: fc.constantFrom<Finding['change']>('raise', 'raise', 'again', 'clear'), severity: fc.constantFrom(...SEVERITIES), afterMs: fc.integer({ min: 0, max: minutes(40) }) }), { maxLength: 4 }),
});

type Episode = typeof episode extends fc.Arbitrary<infer T> ? T : never;

function findingsOf(home: string, episodes: Episode[]): Finding[] {
  return episodes.flatMap(({ subject, cause, startMs, steps }, n) => {
    const first = `e${n}`;
    const shared = { home, subject, cause, episode: first, fromMs: startMs };
    return [
      findingOf({ ...shared, key: first, atMs: startMs, severity: 'routine' }),
      ...steps.map(({ change, severity, afterMs }, step) => findingOf({ ...shared, key: `${first}/${step}`, change, severity, atMs: startMs + afterMs })),
    ];
  });
}

const action = fc.oneof(
  fc.record({ do: fc.constant('raise' as const), from: fc.nat(40), count: fc.integer({ min: 1, max: 6 }), crash: fc.boolean() }),
  fc.record({ do: fc.constantFrom('acknowledge' as const, 'resolve' as const, 'comment' as const), which: fc.nat(10), crash: fc.boolean() }),
);

onEveryDatabase((engine) => {
  let homes = 0;

  test('whatever order findings, staff and crashes come in: one open alert per subject and cause, no finding lost, a repeat changes nothing', async () => {
    const db = await (await engine.fresh()).open();
    await fc.assert(
      fc.asyncProperty(fc.array(episode, { minLength: 1, maxLength: 5 }), fc.array(action, { maxLength: 25 }), async (episodes, actions) => {
        const home = `h${++homes}`;
        const findings = findingsOf(home, episodes);
        const committed = new Set<string>();
        for (const step of actions) {
          const batch = step.do === 'raise' ? findings.slice(step.from % findings.length, (step.from % findings.length) + step.count) : [];
          const known = await allAlerts(db, home);
          const done = await db.transaction().execute(async (trx) => {
            if (step.do === 'raise') await raiseFindings(trx, batch, 7);
            else if (known.length > 0) {
              const { id } = known[step.which % known.length]!;
              const by = { who: 'nurse', note: 'x' };
              if (step.do === 'acknowledge') await acknowledge(trx, id, by, 8);
              else if (step.do === 'comment') await comment(trx, id, by, 8);
              else await resolve(trx, id, { ...by, outcome: 'true-alarm' }, 8);
            }
            if (step.crash) throw new Crash();
          }).then(() => true, (error: unknown) => {
            if (error instanceof Crash || (error as { code?: string }).code === 'HW-ALERT-TRANSITION') return false;
            throw error;
          });
          if (done) for (const { key } of batch) committed.add(key);
          await expectSound(db, home, findings.filter(({ key }) => committed.has(key)));
        }
        // After the last crash the monitor reads the journal from its last position once more.
        await commit(db, findings);
        await expectSound(db, home, findings);
        const before = await Promise.all((await allAlerts(db, home)).map(({ id }) => getAlert(db, id)));
        expect(new Set(await commit(db, findings))).toEqual(new Set(['none']));
        expect(await Promise.all((await allAlerts(db, home)).map(({ id }) => getAlert(db, id)))).toEqual(before);
      }),
      { numRuns: engine.name === 'SQLite' ? 150 : 40, interruptAfterTimeLimit: 60_000 },
    );
  }, 120_000);

  /** What holds after every step, given the findings that were committed. */
  async function expectSound(db: Database, home: string, committed: Finding[]): Promise<void> {
    const alerts = await allAlerts(db, home);
    const unresolved = alerts.filter(({ status }) => status !== 'resolved').map(({ subject, cause }) => `${subject} ${cause}`);
    expect(unresolved).toHaveLength(new Set(unresolved).size);
    const kept = new Map<string, Alert>();
    for (const alert of alerts) {
      for (const { key } of (await getAlert(db, alert.id)).findings) {
        expect(kept.has(key)).toBe(false);
        kept.set(key, alert);
      }
    }
    for (const { key, change, subject, cause, severity } of committed) {
      const alert = kept.get(key);
      if (change === 'clear' && !alert) continue; // It ended before it was known to begin: nothing to tell.
      expect(alert).toMatchObject({ subject, cause });
      // Nobody has seen less than was found, unless it was resolved before.
      if (alert!.status !== 'resolved' && change !== 'clear') expect(SEVERITIES.indexOf(alert!.severity)).toBeLessThanOrEqual(SEVERITIES.indexOf(severity));
    }
  }

  test('monitors that raise the same at once make one alert, and one of them tells', async () => {
    const fresh = await engine.fresh();
    const first = await fresh.open();
    const monitors = [first, await fresh.open(), await fresh.open(), await fresh.open()];
    for (let round = 0; round < 15; round++) {
      const home = `h${round}`;
      // Each of its own making, as in two devices that notice one fall, and one that all of them have.
      const occasions = await Promise.all(monitors.map((db, n) => commit(db, [findingOf({ home, key: 'same' }), findingOf({ home, key: `own ${n}`, severity: 'urgent' })])));
      const alerts = await allAlerts(first, home);
      expect(alerts).toHaveLength(1);
      expect(occasions.flat().sort()).toEqual(['attached', 'attached', 'attached', 'attached', 'none', 'none', 'none', 'opened']);
      expect((await getAlert(first, alerts[0]!.id)).findingsCount).toBe(5);
    }
  });

  test('while one monitor has not committed, another waits and then sees its alert; when it aborts, the other opens it', async () => {
    const fresh = await engine.fresh();
    const [one, two] = [await fresh.open(), await fresh.open()];
    for (const aborts of [false, true]) {
      const finding = findingOf({ home: `aborts-${aborts}`, key: 'e1' });
      let second: Promise<string[]> | undefined;
      await one.transaction().execute(async (trx) => {
        await raiseFindings(trx, [finding], 1);
        second = commit(two, [finding]);
        await new Promise((resolve) => setTimeout(resolve, 100));
        if (aborts) throw new Crash();
      }).catch((error: unknown) => { if (!(error instanceof Crash)) throw error; });
      expect(await second).toEqual([aborts ? 'opened' : 'none']);
      expect(await allAlerts(one, finding.home)).toHaveLength(1);
    }
  });

  test('a finding that comes while staff resolve is on the resolved alert or opens a new one, never lost', async () => {
    const fresh = await engine.fresh();
    const [monitor, consoleDb] = [await fresh.open(), await fresh.open()];
    for (let round = 0; round < 20; round++) {
      const home = `race-${round}`;
      await commit(monitor, [findingOf({ home, key: 'sos', severity: 'emergency' })]);
      const [alert] = await allAlerts(monitor, home);
      const press = commit(monitor, [findingOf({ home, key: 'sos/2', episode: 'sos', change: 'again', severity: 'emergency' })]);
      const closing = resolve(consoleDb, alert!.id, { who: 'nurse', outcome: 'true-alarm' }, 5);
      const [[occasion]] = await Promise.all([press, closing]);
      const open = (await listAlerts(monitor, { home, status: 'open', limit: 9 })).items;
      expect(occasion).toBe(open.length === 1 ? 'opened' : 'paged-again');
      expect((await getAlert(monitor, alert!.id)).status).toBe('resolved');
    }
  });
});
