import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { acknowledge, getAlert, listAlerts, raiseFindings, SEVERITIES, type AlertDetail } from '#libs/alerts';
import { lastChange, type Database } from '#libs/database';
import { listTellings, planTelling, resolveAndTell } from '#libs/escalation';
import type { Finding } from '#libs/detection';
import { deliverDue, type DeliveryOptions } from '#libs/notifications';
import { hours, minutes } from '#libs/runtime';
import { onEveryDatabase } from '../harness/databases.js';
import { findingOf } from '../harness/finding-of.js';
import { homeWithContacts } from '../harness/raise-alert.js';
import { startSmtpServer, type SmtpTestServer } from '../harness/smtp.js';

/**
 * From a finding to the mail, with the process killed wherever it may be: while alerts are written,
 * after a mail has gone out and before that is written down.
 */

class Killed extends Error {}

interface Batch {
  do: 'read';
  from: number;
  count: number;
  killed: boolean;
}
type Event = Batch | { do: 'acknowledge' | 'resolve'; which: number; killed: boolean } | { do: 'deliver'; server: 'accept' | 'try-later' | 'drop-after-mail'; killed: boolean } | { do: 'wait'; forMs: number };

const killed = fc.boolean();
const anEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('read' as const), from: fc.nat(20), count: fc.integer({ min: 1, max: 8 }), killed }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('acknowledge' as const, 'resolve' as const), which: fc.nat(6), killed }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const), server: fc.constantFrom('accept' as const, 'accept' as const, 'try-later' as const, 'drop-after-mail' as const), killed }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), forMs: fc.integer({ min: 0, max: minutes(8) }) }) },
);
const aFinding = fc.record({ cause: fc.constantFrom('fall', 'sos', 'smoke'), episode: fc.nat(4), change: fc.constantFrom<Finding['change']>('raise', 'raise', 'again', 'clear'), severity: fc.constantFrom(...SEVERITIES.slice(0, 3)), atMs: fc.nat(minutes(90)) });
const findingsOf = (home: string, drawn: { cause: string; episode: number; change: Finding['change']; severity: Finding['severity']; atMs: number }[]): Finding[] =>
  drawn.map(({ cause, episode, ...rest }, n) => findingOf({ ...rest, home, cause, key: `${cause}/${episode}/${n}`, episode: `${cause}/${episode}` }));

/** A database whose process dies at the next beginning of a transaction, if it is told to. */
function mortal(db: Database, dies: boolean): Database {
  return new Proxy(db, {
    get: (target, property) => {
      if (dies && property === 'transaction') throw new Killed();
      const value = Reflect.get(target, property, target) as unknown;
      return typeof value === 'function' ? value.bind(target) as unknown : value;
    },
  });
}

const survive = async (work: Promise<unknown>): Promise<boolean> => work.then(() => true, (error: unknown) => {
  if (error instanceof Killed || (error as { code?: string }).code === 'HW-ALERT-TRANSITION') return false;
  throw error;
});

onEveryDatabase((engine) => {
  let db: Database;
  let smtp: SmtpTestServer;
  let homes = 0;
  let nowMs = hours(1_000);

  beforeAll(async () => {
    db = await (await engine.fresh()).open();
    smtp = await startSmtpServer();
  });
  afterAll(() => smtp.stop());

  const options = (): DeliveryOptions => ({ smtpUrl: smtp.url, from: 'care@example.net', publicUrl: null, limit: 100 });
  const details = async (home: string): Promise<AlertDetail[]> => Promise.all((await listAlerts(db, { home, limit: 1_000 })).items.map(({ id }) => getAlert(db, id)));

  const read = (findings: Finding[], dies: boolean): Promise<boolean> => survive(db.transaction().execute(async (trx) => {
    await planTelling(trx, await raiseFindings(trx, findings, nowMs), nowMs);
    if (dies) throw new Killed();
  }));

  async function live(home: string, event: Event, findings: Finding[]): Promise<void> {
    if (event.do === 'wait') nowMs += event.forMs;
    else if (event.do === 'read') await read(findings.slice(event.from % findings.length).slice(0, event.count), event.killed);
    else if (event.do === 'deliver') {
      smtp.behave(event.server);
      await survive(deliverDue(mortal(db, event.killed), options(), nowMs));
    } else {
      const alerts = await details(home);
      const alert = alerts[event.which % Math.max(alerts.length, 1)];
      if (!alert) return;
      await survive(db.transaction().execute(async (trx) => {
        if (event.do === 'acknowledge') await acknowledge(trx, alert.id, { who: 'nurse' }, nowMs);
        else await resolveAndTell(trx, alert.id, { who: 'nurse', outcome: 'true-alarm' }, nowMs);
        if (event.killed) throw new Killed();
      }));
    }
  }

  /** One open alert per cause; each occasion that the history tells of has its telling, and none has two. */
  async function expectSound(home: string): Promise<void> {
    const alerts = await details(home);
    const open = alerts.filter(({ status }) => status !== 'resolved').map(({ cause }) => cause);
    expect(open).toHaveLength(new Set(open).size);
    for (const alert of alerts) {
      const tellings = (await listTellings(db, alert.id)).map(({ occasion }) => occasion);
      for (const occasion of ['opened', 'raised', 'paged-again'] as const) {
        expect(tellings.filter((one) => one === occasion)).toHaveLength(alert.history.filter(({ what }) => what === occasion).length);
      }
    }
  }

  /** Whatever happened: the journal is read to its end and the mail server is well again. */
  async function recover(findings: Finding[]): Promise<void> {
    await read(findings, false);
    smtp.behave('accept');
    for (let round = 0; round < 3; round++) {
      nowMs += minutes(6); // Beyond every back-off and claim.
      await deliverDue(db, options(), nowMs);
    }
  }

  test('every finding is kept, every occasion is told, and reading the journal again changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aFinding, { minLength: 1, maxLength: 20 }), fc.array(anEvent, { maxLength: 25 }), async (drawn, events) => {
        const home = `h${++homes}`;
        await homeWithContacts(db, home, [{ role: 'family', email: `${home}@example.org` }]);
        const findings = findingsOf(home, drawn);
        for (const event of events) {
          await live(home, event, findings);
          await expectSound(home);
        }
        await recover(findings);
        await expectSound(home);

        const alerts = await details(home);
        const kept = alerts.flatMap((alert) => alert.findings.map(({ key }) => key));
        expect(kept).toHaveLength(new Set(kept).size);
        for (const { key, change } of findings) if (change !== 'clear') expect(kept).toContain(key);

        const tellings = (await Promise.all(alerts.map(({ id }) => listTellings(db, id)))).flat();
        expect(tellings.filter(({ state }) => state !== 'sent')).toEqual([]);
        const mails = smtp.mails.filter(({ to }) => to[0] === `${home}@example.org`).map(({ headers }) => /^<([^@]+)/.exec(headers['message-id']!)?.[1]);
        expect(new Set(mails)).toEqual(new Set(tellings.map(({ id }) => id)));
        const told = alerts.flatMap(({ history }) => history.filter(({ what }) => what === 'told'));
        expect(told).toHaveLength(tellings.length);

        const change = await lastChange(db, 'alerts');
        await read(findings.filter(({ key }) => kept.includes(key)), false);
        await deliverDue(db, options(), nowMs);
        expect(await lastChange(db, 'alerts')).toBe(change);
        expect(await details(home)).toEqual(alerts);
      }),
      { numRuns: engine.name === 'SQLite' ? 60 : 20, interruptAfterTimeLimit: 60_000 },
    );
  }, 120_000);
});
